import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVING } from '../../../../src/database/postgres/postgres-limits.js';
import type { Fault } from '../../fault.js';
import { beside, isReady } from '../../stage/beside.js';
import { longestPause } from '../../stage/longest-pause.js';
import type { Scene } from '../../stage/scene.js';
import type { ServerProcess } from '../../stage/server-process.js';
import { Tab } from '../../stage/tabs/tab.js';
import type { Kept, Way } from '../../stage/roads/silent-road.js';
import { scaled } from '../../../../testing/pace.js';

/** No shorter times: the limits under test match the real lease. */
const REAL_TIMES: Fault['patches'] = [];
const READINESS_MS = scaled(5_000);
/** The stage's `DRAIN_MS`, and what a shutdown may take beyond it. */
const END_MS = scaled(1_500 + 5_000);
/** A margin for a busy machine. */
const SLACK_MS = scaled(500);

const KEPT: readonly Kept[] = ['late', 'lost'];
const WAYS: readonly Way[] = ['asked', 'answered', 'both'];
/** A journal row on the wire: the run, its fence, its number, its stream. */
const DELTAS = /\["[\da-f-]{36}",\d+,\d+,"conversation:/;
const LONG = { tokens: 900, delayMs: 10 };

/** Polls the readiness until it changes. */
async function becomes(scene: Scene, server: ServerProcess, ready: boolean, withinMs: number): Promise<void> {
  const from = performance.now();
  while ((await isReady(server)) !== ready && performance.now() - from < withinMs + SLACK_MS) await delay(100);
  const tookMs = Math.round(performance.now() - from);
  scene.expect('L10', tookMs < withinMs + SLACK_MS, `readiness was not ${ready} after ${tookMs} ms`);
}

/** Stops a server with SIGTERM, and checks that it stops in time. */
async function endsInTime(scene: Scene, server: ServerProcess): Promise<void> {
  const from = performance.now();
  await Promise.race([server.end('SIGTERM'), delay(END_MS + 10_000, undefined, { ref: false })]);
  const tookMs = Math.round(performance.now() - from);
  scene.expect('L8', tookMs < END_MS + SLACK_MS, `the server took ${tookMs} ms to end`);
}

/** A tab of another user, who has nothing to do with the scene's user. */
async function stranger({ evidence, stage }: Scene, { port }: ServerProcess): Promise<Tab> {
  const { userId, sessionId } = await evidence.signIn('Grace');
  return new Tab({ name: 'stranger', port, token: stage.tokenOf(userId, sessionId), checkOffsets: true });
}

/** How long a message of this tab waits for its acknowledgement, in milliseconds. */
async function asked(tab: Tab): Promise<number> {
  const from = performance.now();
  await tab.insist('message:send', { clientMessageId: randomUUID(), conversationId: randomUUID(), text: 'Hello' });
  return performance.now() - from;
}

/** The same for another message of the scene's user, which must be answered. */
async function askedAgain(scene: Scene, tab: Tab): Promise<number> {
  const from = performance.now();
  await scene.ask(tab, { tokens: 5, expected: 'completed' });
  return performance.now() - from;
}

/** Connections to the database that stay open without an answer. */
export const silenceFaults: readonly Fault[] = [
  {
    name: 'a connection goes silent inside a transaction',
    rules: ['L5', 'L6', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 10],
    patches: REAL_TIMES,
    run: (scene) =>
      beside(scene, async ({ road, server, tab }) => {
        const going = await scene.ask(tab, { ...LONG, expected: 'completed' });
        await scene.shows(tab, going, 5);
        const other = await stranger(scene, server);
        await scene.until(() => other.isConnected, 'the other person is connected');
        const skipped = { left: scene.random.between(0, 6) };
        const struck = road.silenceOne(scene.random.pick(WAYS), (_said, isInTransaction) => {
          skipped.left -= isInTransaction ? 1 : 0;
          return isInTransaction && skipped.left < 0;
        });
        const asking = scene.ask(tab, { tokens: 5, expected: 'completed' });
        await struck;
        const pause = longestPause(tab, going, delay(4_000));
        // The connection is one of several, so others do not wait for it. But a run of the same user may: the silent
        // transaction may hold the lock that counts them, until the connection is given up.
        const [othersMs, ownMs] = await Promise.all([asked(other), askedAgain(scene, tab)]);
        scene.expect('L10', othersMs < 3_000, `a question of another person waited for ${Math.round(othersMs)} ms`);
        scene.expect('L10', ownMs < SERVING.answerMs + 1_000, `another question waited for ${Math.round(ownMs)} ms`);
        const pauseMs = await pause;
        scene.expect('L10', pauseMs < 2_000, `an answer stood still for ${Math.round(pauseMs)} ms`);
        await asking;
        await scene.ended();
        other.close();
      }),
  },
  {
    name: 'the connection of the replies goes silent',
    rules: ['L3', 'L5', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 10],
    patches: REAL_TIMES,
    run: (scene) =>
      beside(scene, async ({ road, server, tab }) => {
        const going = await scene.ask(tab, { ...LONG, expected: 'completed' });
        await scene.shows(tab, going, scene.random.between(1, 20));
        const struck = road.silenceOne(scene.random.pick(WAYS), (said) => DELTAS.test(said));
        await struck;
        await becomes(scene, server, false, READINESS_MS);
        const pauseMs = await longestPause(tab, going, scene.ended());
        scene.expect('L10', pauseMs < 8_000, `an answer stood still for ${Math.round(pauseMs)} ms`);
        await becomes(scene, server, true, 2_000);
      }),
  },
  {
    name: 'every connection to PostgreSQL goes silent for a while',
    rules: ['L2', 'L3', 'L5', 'L6', 'L7'],
    databases: ['postgresql'],
    rounds: [0, 10],
    patches: REAL_TIMES,
    run: (scene) =>
      beside(scene, async ({ road, server, tab }) => {
        const going = await scene.ask(tab, LONG);
        await scene.shows(tab, going, scene.random.between(1, 20));
        const asking = scene.ask(tab, { tokens: 5 }).catch(() => undefined);
        await delay(scene.random.between(0, 20));
        const from = performance.now();
        road.silence(scene.random.pick(WAYS));
        await becomes(scene, server, false, READINESS_MS);
        const silentMs =
          scene.isThorough && scene.random.between(1, 5) === 1 ? 60_000 : scene.random.between(6_000, 12_000);
        await delay(from + silentMs - performance.now());
        road.speak(scene.random.pick(KEPT));
        await becomes(scene, server, true, 12_000);
        await asking;
        await scene.ended();
      }),
  },
  {
    name: 'PostgreSQL takes connections and says nothing',
    rules: ['L5', 'L6'],
    databases: ['postgresql'],
    rounds: [0, 6],
    patches: REAL_TIMES,
    run: (scene) =>
      beside(scene, async ({ road, server, tab }) => {
        const going = await scene.ask(tab, LONG);
        await scene.shows(tab, going, scene.random.between(1, 20));
        road.silenceNew();
        const asking = scene.ask(tab, { tokens: 5 });
        await becomes(scene, server, false, READINESS_MS);
        await delay(scene.random.between(1_000, 8_000));
        road.speak(scene.random.pick(KEPT));
        await becomes(scene, server, true, 12_000);
        await asking;
        await scene.ended();
      }),
  },
  {
    name: 'the connection that listens goes silent',
    rules: ['L1', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 6],
    patches: REAL_TIMES,
    run: (scene) =>
      beside(scene, async ({ road, tab }) => {
        const near = await scene.open();
        // The silence begins with the health check of the connection, which comes every ten seconds.
        await road.silenceOne(scene.random.pick(WAYS), (said) => said.includes('select 1'));
        for (let round = 0; round < 3; round += 1) {
          const going = await scene.ask(near, { tokens: 300, delayMs: 10, expected: 'completed' });
          const pauseMs = await longestPause(tab, going, scene.ended());
          scene.expect('L10', pauseMs < 3_000, `a tab of another process heard nothing for ${Math.round(pauseMs)} ms`);
        }
      }),
  },
  {
    name: 'a process freezes while it holds the lock of a row',
    rules: ['L5', 'L7', 'L8'],
    databases: ['postgresql'],
    rounds: [0, 10],
    patches: REAL_TIMES,
    run: (scene) =>
      beside(scene, async ({ road, server, tab }) => {
        const going = await scene.ask(tab, { ...LONG, tokens: 5_000 });
        await scene.shows(tab, going, scene.random.between(1, 20));
        // The conversation and the run are locked, and the commit is not sent.
        const struck = road.silenceOne(
          'asked',
          (said, isInTransaction) => isInTransaction && /^Q.{4}commit/s.test(said),
        );
        const stopping = tab.ask('run:stop', { runId: scene.runOf(going) });
        await struck;
        server.signal('SIGSTOP');
        scene.outages.push({ diedAt: Date.now(), backAt: Date.now() });
        await scene.ended();
        server.signal('SIGCONT');
        road.speak(scene.random.pick(KEPT));
        await stopping;
        // Time for writes that must not happen.
        await delay(1_500);
      }),
  },
  {
    name: 'SIGTERM while PostgreSQL is silent',
    rules: ['L5', 'L8'],
    databases: ['postgresql'],
    rounds: [0, 6],
    patches: REAL_TIMES,
    run: (scene) =>
      beside(scene, async ({ road, server, tab }) => {
        const going = await scene.ask(tab, { ...LONG, tokens: 5_000, expected: 'interrupted' });
        await scene.shows(tab, going, scene.random.between(1, 20));
        // A command that hangs too.
        const draft = { conversationId: going.conversationId, text: 'Half a', origin: randomUUID() };
        const drafting = scene.random.pick([true, false]) ? tab.ask('draft:set', draft) : undefined;
        road.silence(scene.random.pick(WAYS));
        await delay(scene.random.between(0, 3_000));
        await endsInTime(scene, server);
        await drafting;
        scene.outages.push({ diedAt: Date.now(), backAt: Date.now() });
        await scene.ended();
      }),
  },
  {
    name: 'SIGTERM while the model is silent, a tab does not read and a request does not end',
    rules: ['L5', 'L8'],
    rounds: [0, 6],
    async run(scene) {
      const { server } = scene.stage;
      const tab = await scene.open();
      await scene.ask(tab, { expected: 'interrupted', play: ({ answer }) => answer.stall() });
      const way = await scene.openRoad();
      const deaf = await scene.open({ port: way.port });
      const long = await scene.ask(deaf, { tokens: 3_000, delayMs: 2, expected: 'interrupted' });
      await scene.shows(tab, long, 5);
      way.become('stall');
      const half = connect(server.port, '127.0.0.1');
      half.on('error', () => undefined);
      half.write('POST /api/chat HTTP/1.1\r\nHost: lockstep.test\r\nContent-Length: 100\r\n\r\n{');
      await delay(scene.random.between(0, 300));
      await endsInTime(scene, server);
      half.destroy();
      scene.touch();
      way.become('pass');
      await scene.up();
      way.targetPort = scene.stage.server.port;
      way.cut();
    },
  },
];
