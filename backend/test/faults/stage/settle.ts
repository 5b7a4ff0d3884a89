import { setTimeout as delay } from 'node:timers/promises';
import { userStream } from '../../../src/protocol/index.js';
import type { Evidence, HeadRow } from '../check/recording.js';
import type { Scene } from './scene.js';
import { Tab } from './tabs/tab.js';
import { scaled } from '../../../testing/pace.js';

/** `L10`: how long after the last fault the tabs may differ. */
const CONVERGE_MS = scaled(10_000);
const RUNS_END_MS = scaled(25_000);

/**
 * Ends the faults, waits until all runs have ended and all tabs have reached the head of the log, and collects the
 * evidence. Tabs that are late are found by the checker.
 */
export async function settle(scene: Scene): Promise<Evidence> {
  const { stage, evidence, person } = scene;
  await scene.up();
  await passes(async () => (await evidence.running(person.userId)) === 0, RUNS_END_MS);
  const streams = [userStream(person.userId), ...new Set(scene.turns.map(({ stream }) => stream))];
  const witness = new Tab({ name: 'fresh', port: stage.server.port, token: person.token, checkOffsets: true });
  try {
    let fresh: Evidence['fresh'] = new Map();
    let rows: Evidence['rows'] | undefined;
    await passes(async () => {
      if (!stand(scene, await evidence.heads(streams))) return false;
      fresh = await snapshots(witness, streams);
      rows = await evidence.read(person.userId, streams);
      // A late title would be missing in some of the snapshots.
      const isOneMoment = rows.heads.every(({ stream, seq }) => (fresh.get(stream)?.seq ?? seq) === seq);
      return isOneMoment && stand(scene, rows.heads) && fresh.size > 0;
    }, CONVERGE_MS);
    if (fresh.size === 0) fresh = await snapshots(witness, streams);
    rows ??= await evidence.read(person.userId, streams);
    const recordings = scene.tabs.map(({ recording }) => recording);
    return { recordings, rows, sent: scene.sent, fresh, outages: scene.outages };
  } finally {
    witness.close();
  }
}

/** Whether every tab has reached the head of each of its streams. */
function stand({ tabs }: Scene, heads: readonly HeadRow[]): boolean {
  const known = new Map(heads.map(({ stream, seq }) => [stream, seq]));
  return tabs.every(({ cursors }) => [...cursors].every(([stream, seq]) => seq === (known.get(stream) ?? 0)));
}

async function snapshots(witness: Tab, streams: readonly string[]): Promise<Evidence['fresh']> {
  const found = new Map<string, { seq: number; view: unknown }>();
  for (const stream of streams) {
    const reply = await witness.ask('stream:subscribe', { stream });
    if (reply?.ok && reply.data.mode === 'snapshot') found.set(stream, { seq: reply.data.seq, view: reply.data.state });
  }
  return found;
}

/** Waits for a condition; whether it was met is left to the checker. */
export async function passes(ask: () => Promise<boolean> | boolean, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (Date.now() < deadline) {
    if (await ask()) return true;
    await delay(20);
  }
  return false;
}
