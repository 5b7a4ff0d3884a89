import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import type { Fault } from '../fault.js';
import { lockFor } from '../stage/database-harm.js';
import type { Scene } from '../stage/scene.js';
import type { Tab } from '../stage/tab.js';

const pathOf = ({ stage }: Scene): string => stage.databaseUrl.slice('sqlite:'.length);

/** What whoever watches the server is told. */
async function readiness({ stage }: Scene): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${stage.server.port}/health/ready`);
  const { reason = 'ready' } = (await response.json()) as { readonly reason?: string };
  return reason;
}

/** How long the slowest answer of a request that needs no database was waited for, until told otherwise. */
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
  const exchange = await scene.ask(tab, { tokens: 100, delayMs: 5, expected: 'completed' });
  await scene.shows(tab, exchange, scene.random.between(1, 30));
  const liveness = watchLiveness(scene);
  const locked = lockFor(scene.stage, ms);
  // Sent meanwhile: acknowledged late, and once.
  const asking = Array.from({ length: 10 }, () => scene.ask(tab, { tokens: 5, expected: 'completed' }, ms + 40_000));
  if (ms > 6_000) {
    await scene.until(async () => (await readiness(scene)).includes('another program has locked it'), 'it is said', ms);
  }
  await locked;
  const slowestMs = await liveness();
  process.stdout.write(`locked for ${ms} ms: the slowest answer of /health/live took ${slowestMs.toFixed(0)} ms\n`);
  scene.expect('L9', slowestMs < 2_000, `a request that needs no database waited for ${slowestMs.toFixed(0)} ms`);
  await Promise.all(asking);
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
    const exchange = await scene.ask(tab, { tokens: 2_000, delayMs: 5, expected: 'interrupted' });
    await scene.shows(tab, exchange, scene.random.between(1, 20));
    await scene.kill();
    const locked = lockFor(scene.stage, seconds * 1_000);
    await scene.up();
    await locked;
    await scene.ask(tab, { tokens: 5, expected: 'completed' });
  },
});

const logLength = (scene: Scene): number => statSync(`${pathOf(scene)}-wal`, { throwIfNoEntry: false })?.size ?? 0;

/** Writes some 500 kB into the database, by an answer that a run may hold as a whole. */
async function write(scene: Scene, tab: Tab): Promise<void> {
  const token = (number: number): string => `${number} `.padEnd(40_000, '.');
  const exchange = await scene.ask(tab, { tokens: 12, token, expected: 'completed' });
  await scene.ended();
  tab.leave(exchange.stream);
}

/** Files that even root may not write, where the file system knows them: set and taken back. */
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

/** The longest pause between two tokens that a tab was told of, in milliseconds, within so many. */
async function longestPause(scene: Scene, ms: number, meanwhile: () => Promise<unknown>): Promise<number> {
  const tab = await scene.open();
  const exchange = await scene.ask(tab, { tokens: Math.ceil(ms / 20), delayMs: 20, expected: 'completed' });
  await scene.shows(tab, exchange, 5);
  const from = Date.now();
  await meanwhile();
  const to = Date.now();
  await scene.ended();
  const times = tab.recording.entries
    .filter(
      (entry) => entry.kind === 'applied' && entry.stream === exchange.stream && entry.at >= from && entry.at <= to,
    )
    .map(({ at }) => at);
  return times.slice(1).reduce((longest, at, index) => Math.max(longest, at - (times[index] ?? at)), 0);
}

async function backUp(scene: Scene): Promise<string> {
  const file = `${scene.stage.dataDir}/copy-${randomUUID()}.backup`;
  const { code, said } = await scene.stage.command(scene.stage.build.program('backup'), [file]);
  scene.expect('L2', code === 0, `the backup ended with ${String(code)}: ${said}`);
  return file;
}

/** Whether a file is whole, and what it says of each run: a text that is no longer than its offsets say. */
function checkCopy(scene: Scene, file: string): void {
  const copy = new BetterSqlite(file, { readonly: true });
  try {
    const whole = copy.pragma('integrity_check', { simple: true });
    scene.expect('L2', whole === 'ok', `the copy is damaged: ${String(whole)}`);
    const holes = copy.prepare('select count(*) from stream_heads where seq < kept_after').pluck().get();
    scene.expect('L1', holes === 0, `${String(holes)} streams of the copy end before they begin`);
    const foreign = copy.pragma('foreign_key_check') as unknown[];
    scene.expect('L2', foreign.length === 0, `${foreign.length} rows of the copy belong to nothing`);
  } finally {
    copy.close();
  }
}

/** What other programs and the file system do to a SQLite file. */
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
      const exchange = await scene.ask(tab, { tokens: 150, delayMs: 5, expected: 'completed' });
      await scene.shows(tab, exchange, scene.random.between(1, 20));
      setImmutable(scene, '+i');
      try {
        const asking = scene.ask(tab, { tokens: 5, expected: 'completed' });
        await scene.until(async () => (await readiness(scene)).includes('may only be read'), 'it is said', 5_000);
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
      { file: 'src/database/sqlite-checkpoints.js', find: 'LONG_LOG_BYTES = 64 *', replace: 'LONG_LOG_BYTES = 12 *' },
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
      // A checkpoint, and the next commit that begins the log anew and cuts it.
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
  {
    name: 'a backup during answers',
    rules: ['L1', 'L2', 'L5'],
    databases: ['sqlite'],
    rounds: [0, 5],
    async run(scene) {
      const calm = await longestPause(scene, 2_500, () => delay(2_000));
      let file = '';
      const busy = await longestPause(scene, 6_000, async () => (file = await backUp(scene)));
      process.stdout.write(`longest pause between tokens 20 ms apart: ${calm} ms alone, ${busy} ms during a backup\n`);
      checkCopy(scene, file);
    },
  },
  {
    name: 'an older copy is put back under open tabs',
    rules: ['L4', 'L6', 'L10'],
    databases: ['sqlite'],
    rounds: [0, 5],
    async run(scene) {
      const tab = await scene.open();
      const kept = await scene.ask(tab, { tokens: 20, delayMs: 2, expected: 'completed' });
      await scene.ended();
      const file = await backUp(scene);
      // Newer than the copy: numbers that will be given again, to other events.
      const { conversationId } = kept;
      const newer = await scene.ask(tab, { conversationId, tokens: scene.random.between(20, 60), delayMs: 2 });
      await scene.ask(tab, { tokens: 20, delayMs: 2 });
      await scene.shows(tab, newer, 20);
      await scene.ended();
      const [before] = [...tab.cursors.values()];
      await scene.stage.server.end('SIGTERM');
      const { code, said } = await scene.stage.command(scene.stage.build.program('restore'), [file]);
      scene.expect('L10', code === 0, `the restore ended with ${String(code)}: ${said}`);
      // What the tab has seen is another life's. It stays open, and has to come to what a fresh page sees.
      scene.forget();
      await scene.up();
      const fresh = await scene.open();
      fresh.follow(kept.stream);
      await scene.shows(fresh, kept, 20);
      const isSame = (): boolean => tab.textOf(kept.stream) === fresh.textOf(kept.stream);
      await scene.until(isSame, `the tab, which stood at ${String(before)}, shows what a fresh page shows`, 10_000);
      const next = await scene.ask(fresh, { conversationId, tokens: 30, delayMs: 2, expected: 'completed' });
      await scene.ended();
      await scene.shows(tab, next, 30);
      await scene.shows(fresh, next, 30);
      scene.expect('L4', isSame(), 'the two tabs differ');
      scene.expect(
        'L4',
        tab.textOf(kept.stream) === next.plan.text(),
        'the old tab shows something else than was said',
      );
    },
  },
];
