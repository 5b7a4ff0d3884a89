import { execFileSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import type { Fault } from '../../fault.js';
import { lockFor } from '../../stage/database-harm.js';
import type { Scene } from '../../stage/scene.js';
import type { Tab } from '../../stage/tabs/tab.js';

const pathOf = ({ stage }: Scene): string => stage.databaseUrl.slice('sqlite:'.length);

/** The readiness as a load balancer sees it. */
async function readiness({ stage }: Scene): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${stage.server.port}/health/ready`);
  const { reason = 'ready' } = (await response.json()) as { readonly reason?: string };
  return reason;
}

/** Starts measuring /health/live, which needs no database; the returned function stops and returns the slowest time. */
function watchLiveness({ stage }: Scene): () => Promise<number> {
  let slowestMs = 0;
  let isOver = false;
  const watching = (async (): Promise<void> => {
    while (!isOver) {
      const startedAt = performance.now();
      await (await fetch(`http://127.0.0.1:${stage.server.port}/health/live`)).arrayBuffer();
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      await delay(20);
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    return slowestMs;
  };
}

async function answerWhileLocked(scene: Scene, ms: number): Promise<void> {
  const tab = await scene.open();
  const turn = await scene.ask(tab, { tokens: 400, delayMs: 5, expected: 'completed' });
  await scene.shows(tab, turn, scene.random.between(1, 30));
  const calm = watchLiveness(scene);
  await delay(1_000);
  const limitMs = Math.max(2_000, 4 * (await calm()));
  const isSaid = async (): Promise<boolean> => (await readiness(scene)).includes('probably by another program');
  const watched = async (): Promise<void> => {
    const liveness = watchLiveness(scene);
    try {
      // A short lock is no reason to become unready. On a busy machine a long one is reported later.
      await lockFor(scene.stage, ms, async () => {
        if (ms > 6_000) await scene.until(isSaid, 'it is said', Math.max(ms, 20_000));
      });
    } finally {
      const slowestMs = await liveness();
      process.stdout.write(`locked for ${ms} ms: the slowest answer of /health/live took ${slowestMs.toFixed(0)} ms\n`);
      scene.expect('L9', slowestMs < limitMs, `a request that needs no database waited for ${slowestMs.toFixed(0)} ms`);
    }
  };
  const locked = watched();
  // Sent during the lock: acknowledged late, and once.
  const asking = Array.from({ length: 10 }, () => scene.ask(tab, { tokens: 5, expected: 'completed' }, ms + 60_000));
  await Promise.all([locked, ...asking]);
  await scene.until(async () => (await readiness(scene)) === 'ready', 'the server is ready again', 10_000);
}

const answersWhileLocked = (seconds: number, rounds: Fault['rounds']): Fault => ({
  name: `the database is locked for ${seconds} s by another process`,
  rules: ['L2', 'L5', 'L6', 'L9'],
  databases: ['sqlite'],
  rounds,
  run: (scene) => answerWhileLocked(scene, seconds * 1_000),
});

const startsWhileLocked = (seconds: number, rounds: Fault['rounds']): Fault => ({
  name: `the database is locked for ${seconds} s while the server starts`,
  rules: ['L8', 'L10'],
  databases: ['sqlite'],
  rounds,
  async run(scene) {
    const tab = await scene.open();
    const turn = await scene.ask(tab, { tokens: 2_000, delayMs: 5, expected: 'interrupted' });
    await scene.shows(tab, turn, scene.random.between(1, 20));
    await scene.kill();
    const locked = lockFor(scene.stage, seconds * 1_000);
    await scene.up();
    await locked;
    await scene.ask(tab, { tokens: 5, expected: 'completed' });
  },
});

const logLength = (scene: Scene): number => statSync(`${pathOf(scene)}-wal`, { throwIfNoEntry: false })?.size ?? 0;

/** Writes about 500 kB into the database, with a reply that a run can buffer as a whole. */
async function write(scene: Scene, tab: Tab): Promise<void> {
  const token = (number: number): string => `${number} `.padEnd(40_000, '.');
  const turn = await scene.ask(tab, { tokens: 12, token, expected: 'completed' });
  await scene.ended();
  tab.leave(turn.stream);
}

/** Sets or clears the immutable attribute: even root cannot write such files, if the file system supports it. */
function setImmutable(scene: Scene, sign: '+i' | '-i'): void {
  execFileSync('chattr', [sign, pathOf(scene), `${pathOf(scene)}-wal`]);
}

function canSetImmutable(): boolean {
  const probe = `/tmp/lockstep-immutable-${process.pid}`;
  writeFileSync(probe, '');
  try {
    execFileSync('chattr', ['+i', probe], { stdio: 'ignore' });
    execFileSync('chattr', ['-i', probe], { stdio: 'ignore' });
    return true;
  } catch {
    // Not root, not Linux, or another file system.
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Faults of a SQLite file by other programs and the file system. */
export const sqliteFaults: readonly Fault[] = [
  answersWhileLocked(2, [1, 5]),
  answersWhileLocked(8, [0, 3]),
  answersWhileLocked(30, [0, 2]),
  startsWhileLocked(2, [0, 3]),
  startsWhileLocked(8, [0, 2]),
  startsWhileLocked(30, [0, 1]),
  {
    name: 'the file becomes read-only for a while',
    rules: ['L2', 'L3', 'L5', 'L6'],
    databases: ['sqlite'],
    rounds: [0, 5],
    async run(scene) {
      if (!canSetImmutable()) return;
      const tab = await scene.open();
      const turn = await scene.ask(tab, { tokens: 150, delayMs: 5, expected: 'completed' });
      await scene.shows(tab, turn, scene.random.between(1, 20));
      setImmutable(scene, '+i');
      try {
        const asking = scene.ask(tab, { tokens: 5, expected: 'completed' });
        await scene.until(async () => (await readiness(scene)).includes('is read-only'), 'it is said', 5_000);
        setImmutable(scene, '-i');
        await asking;
      } finally {
        setImmutable(scene, '-i');
      }
      await scene.until(async () => (await readiness(scene)) === 'ready', 'the server is ready again', 5_000);
    },
  },
  {
    name: 'another program reads the file and does not end',
    rules: ['L1', 'L5'],
    databases: ['sqlite'],
    rounds: [0, 3],
    env: { LOG_LEVEL: 'warn', MODEL_MAX_REPLY_LENGTH: '100000000' },
    patches: [
      {
        file: 'src/database/sqlite/sqlite-checkpoints.js',
        find: 'LONG_LOG_BYTES = 64 *',
        replace: 'LONG_LOG_BYTES = 12 *',
      },
    ],
    async run(scene) {
      const tab = await scene.open();
      const other = new BetterSqlite(pathOf(scene), { readonly: true });
      try {
        other.exec('begin');
        other.prepare('select count(*) from meta').get();
        const isLong = async (): Promise<boolean> => (await write(scene, tab), logLength(scene) > 14_000_000);
        await scene.until(isLong, 'the log grows', 60_000);
        const said = (): boolean => scene.stage.server.lastOutput.includes('another program reads the file');
        await scene.until(said, 'it is said', 5_000);
      } finally {
        other.close();
      }
      // A checkpoint, and the next commit, which restarts the log and truncates it.
      await scene.until(
        async () => {
          await write(scene, tab);
          return logLength(scene) < 6_000_000;
        },
        'the log is short again',
        20_000,
      );
    },
  },
];
