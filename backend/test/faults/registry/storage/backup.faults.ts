import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import BetterSqlite from 'better-sqlite3';
import { conversationStream } from '../../../../src/protocol/index.js';
import type { Fault } from '../../fault.js';
import type { Scene } from '../../stage/scene.js';
import type { Tab } from '../../stage/tabs/tab.js';

/** The longest pause between two tokens at a tab during `meanwhile`, in milliseconds. */
async function longestPause(scene: Scene, ms: number, meanwhile: () => Promise<unknown>): Promise<number> {
  const tab = await scene.open();
  const turn = await scene.ask(tab, { tokens: Math.ceil(ms / 20), delayMs: 20, expected: 'completed' });
  await scene.shows(tab, turn, 5);
  const from = Date.now();
  await meanwhile();
  const to = Date.now();
  await scene.ended();
  const times = tab.recording.entries
    .filter((entry) => entry.kind === 'applied' && entry.stream === turn.stream && entry.at >= from && entry.at <= to)
    .map(({ at }) => at);
  return times.slice(1).reduce((longest, at, index) => Math.max(longest, at - (times[index] ?? at)), 0);
}

async function backUp(scene: Scene): Promise<string> {
  const file = `${scene.stage.dataDir}/copy-${randomUUID()}.backup`;
  const { code, said } = await scene.stage.command(scene.stage.build.program('backup'), [file]);
  scene.expect('L2', code === 0, `the backup ended with ${String(code)}: ${said}`);
  return file;
}

/** Checks that a copy is intact: its pages, the heads of its streams, and its foreign keys. */
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

/** Renames a conversation until its stream has this many events. */
async function renameUpTo(scene: Scene, tab: Tab, conversationId: string, seq: number): Promise<void> {
  const stream = conversationStream(conversationId);
  for (let time = 1; ; time += 1) {
    const [head] = await scene.evidence.heads([stream]);
    if (head && head.seq >= seq) return;
    await tab.insist('conversation:update', { conversationId, title: `Title ${time}` });
  }
}

/** Copies of a SQLite file: made during replies, and restored while tabs are open. */
export const backupFaults: readonly Fault[] = [
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
      const way = await scene.openRoad();
      const tab = await scene.open({ port: way.port });
      const kept = await scene.ask(tab, { tokens: 20, delayMs: 2, expected: 'completed' });
      await scene.ended();
      const file = await backUp(scene);
      // Newer than the copy: their numbers will be used again for other events.
      const { conversationId, stream } = kept;
      await scene.ask(tab, { conversationId, tokens: scene.random.between(20, 60), delayMs: 2 });
      await scene.ask(tab, { tokens: 20, delayMs: 2 });
      await scene.ended();
      const [head] = await scene.evidence.heads([stream]);
      const seq = head?.seq ?? 0;
      await scene.until(() => tab.cursors.get(stream) === seq, 'the tab has seen all of it');
      way.refuse();
      await scene.stage.server.end('SIGTERM');
      const { code, said } = await scene.stage.command(scene.stage.build.program('restore'), [file]);
      scene.expect('L10', code === 0, `the restore ended with ${String(code)}: ${said}`);
      // The tab has seen events of the old epoch. It stays open, and must reach the state of a new page.
      scene.forget();
      await scene.up();
      const fresh = await scene.open();
      fresh.follow(stream);
      await scene.shows(fresh, kept, 20);
      // When the tab reconnects, its number exists again: the number alone does not tell that its events are gone.
      await renameUpTo(scene, fresh, conversationId, seq + scene.random.between(0, 3));
      way.targetPort = scene.stage.server.port;
      way.accept();
      const isSame = (): boolean => isDeepStrictEqual(tab.viewOf(stream), fresh.viewOf(stream));
      await scene.until(isSame, `the tab, which stood at ${seq}, shows what a fresh page shows`, 10_000);
      const next = await scene.ask(fresh, { conversationId, tokens: 30, delayMs: 2, expected: 'completed' });
      await scene.ended();
      await scene.shows(tab, next, 30);
      await scene.until(isSame, 'both tabs go on alike', 10_000);
    },
  },
];
