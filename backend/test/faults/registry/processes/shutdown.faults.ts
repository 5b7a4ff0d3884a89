import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import type { Fault } from '../../fault.js';
import type { Scene } from '../../stage/scene.js';
import type { Patch } from '../../stage/server-build.js';
import type { ServerProcess } from '../../stage/server-process.js';
import { Stage } from '../../stage/stage.js';

/** The real lease is 10 s and looked at every 2.5 s; these shorten the wait. */
export const QUICK_LEASE: readonly Patch[] = [
  { file: 'src/chat/runs/lease.js', find: 'LEASE_MS = 10_000', replace: 'LEASE_MS = 3_000' },
  { file: 'src/chat/runs/lease.js', find: 'HEARTBEAT_MS = 2_000', replace: 'HEARTBEAT_MS = 500' },
  { file: 'src/chat/runs/lease.js', find: 'RENEW_AFTER_MS = 3_000', replace: 'RENEW_AFTER_MS = 900' },
  { file: 'src/chat/runs/reaper.service.js', find: 'EVERY_MS = 2_500', replace: 'EVERY_MS = 500' },
];

/** A second server on the same database. On SQLite it does not notice the first one, by another name of the file. */
async function secondServer({ stage }: Scene): Promise<ServerProcess> {
  if (stage.kind === 'postgresql') return stage.spawn();
  const alias = `${stage.dataDir}/alias-${Date.now()}.db`;
  symlinkSync(stage.databaseUrl.slice('sqlite:'.length), alias);
  return stage.spawn(`sqlite:${alias}`);
}

/** Makes a backup, until its end or until it is killed. @returns the exit code, `null` after a kill */
async function backUp({ stage, random }: Scene, killAfterMs?: number): Promise<number | null> {
  const file = `${stage.dataDir}/copy-${random.between(0, 1e9)}.backup`;
  const child = spawn(process.execPath, [stage.build.program('backup'), file], {
    cwd: stage.build.cwd,
    env: { PATH: process.env['PATH'], DATA_DIR: stage.dataDir, DATABASE_URL: stage.databaseUrl },
    stdio: 'ignore',
    ...(killAfterMs !== undefined && { timeout: killAfterMs, killSignal: 'SIGKILL' }),
  });
  await once(child, 'exit');
  return child.exitCode;
}

/** A process stopped while it holds SQLite's write lock would block all others: retry until it holds none. */
async function stopBetweenTransactions({ stage, random }: Scene): Promise<void> {
  for (;;) {
    stage.server.signal('SIGSTOP');
    await delay(20);
    if (stage.kind === 'postgresql' || isUnlocked(stage.databaseUrl.slice('sqlite:'.length))) return;
    stage.server.signal('SIGCONT');
    await delay(random.between(1, 20));
  }
}

function isUnlocked(path: string): boolean {
  const probe = new BetterSqlite(path, { timeout: 0 });
  try {
    probe.exec('begin immediate; rollback');
    return true;
  } catch (error) {
    // Also `SQLITE_BUSY_RECOVERY` and its kin.
    if (!(error instanceof BetterSqlite.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
    return false;
  } finally {
    probe.close();
  }
}

/** Shutdowns and pauses of the server, and interrupted work. */
export const shutdownFaults: readonly Fault[] = [
  {
    name: 'SIGTERM with a short answer and a long one',
    rules: ['L5', 'L8'],
    rounds: [1, 6],
    async run(scene) {
      const tab = await scene.open();
      await scene.ask(tab, { tokens: 20, delayMs: 5, expected: 'completed' });
      await scene.ask(tab, { tokens: 5_000, delayMs: 5, expected: 'interrupted' });
      await delay(scene.random.between(0, 50));
      const code = await scene.stage.server.end('SIGTERM');
      scene.touch();
      scene.expect('L5', code === 0, `the server ended with ${String(code)}:\n${scene.stage.server.lastOutput}`);
      const left = await scene.evidence.running(scene.person.userId);
      scene.expect('L5', left === 0, `${left} runs were left running by an orderly end`);
    },
  },
  {
    name: 'SIGSTOP for longer than the lease, then SIGCONT',
    rules: ['L5', 'L7', 'L10'],
    rounds: [1, 5],
    patches: QUICK_LEASE,
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, { tokens: 200, delayMs: 5 });
      await scene.shows(tab, turn, scene.random.between(1, 20));
      scene.stage.server.signal('SIGSTOP');
      await delay(3_500);
      scene.stage.server.signal('SIGCONT');
    },
  },
  {
    name: 'SIGSTOP, another process takes the run over, then SIGCONT',
    rules: ['L5', 'L7'],
    rounds: [1, 6],
    patches: QUICK_LEASE,
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, { tokens: 2_000, delayMs: 5, expected: 'interrupted' });
      await scene.shows(tab, turn, scene.random.between(1, 20));
      await stopBetweenTransactions(scene);
      scene.touch();
      await using other = await secondServer(scene);
      await other.ready();
      await scene.ended();
      scene.stage.server.signal('SIGCONT');
      // Time for writes that must not happen.
      await delay(1_500);
    },
  },
  {
    name: 'kill -9 while the database is made',
    rules: ['L1'],
    rounds: [1, 6],
    async run(scene) {
      await using stage = await Stage.prepare(scene.stage.build);
      await using first = await stage.spawn();
      await delay(scene.random.between(300, 1_500));
      await first.end();
      const server = await stage.up();
      await using evidence = await stage.evidence();
      await evidence.signIn('Bea');
      const epochs = await evidence.query('select value from meta');
      scene.expect('L1', server.isAlive && epochs.length >= 1, 'the database was left without an epoch');
    },
  },
  {
    name: 'kill -9 of a backup, and of the server during one',
    rules: ['L1', 'L2', 'L8'],
    databases: ['sqlite'],
    rounds: [1, 6],
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, { tokens: 2_000, delayMs: 5, expected: 'interrupted' });
      await scene.shows(tab, turn, 5);
      await backUp(scene, scene.random.between(200, 900));
      const whole = backUp(scene);
      await delay(scene.random.between(200, 900));
      await scene.kill();
      const code = await whole;
      scene.expect('L2', code === 0, `a backup beside a server that died ended with ${String(code)}`);
    },
  },
  {
    name: 'kill -9 while old events are dropped',
    rules: ['L1', 'L2', 'L4', 'L10'],
    rounds: [0, 6],
    patches: [
      { file: 'src/streams/compaction/compactor.service.js', find: 'EVERY_MS = 60_000', replace: 'EVERY_MS = 20' },
      { file: 'src/streams/compaction/compactor.service.js', find: 'KEEP_MS = 10 * 60_000', replace: 'KEEP_MS = 30' },
    ],
    async run(scene) {
      const tab = await scene.open();
      const first = await scene.ask(tab, { tokens: 20, delayMs: 3 });
      const second = await scene.ask(tab, { tokens: 60, delayMs: 5 });
      await scene.shows(tab, first, 20);
      await scene.shows(tab, second, scene.random.between(1, 40));
      // A tab that subscribes late gets a snapshot in the middle of the reply, since its events were compacted.
      const late = await scene.open();
      for (const { stream } of scene.turns) late.follow(stream);
      await delay(scene.random.between(0, 60));
      await scene.kill();
    },
  },
];
