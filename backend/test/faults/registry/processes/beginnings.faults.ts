import { randomUUID } from 'node:crypto';
import type { Fault } from '../../fault.js';
import type { Turn, Scene } from '../../stage/scene.js';
import type { Tab } from '../../stage/tabs/tab.js';

/** Conversations per round: the cost of a round hardly depends on it. */
const BEGINNINGS = 40;
/** Pairs that start together: more would only wait for each other. */
const AT_ONCE = 4;
const MAX_RUNS = 2;
const MAX_TIMES = 5;

/** Sends once, and again while there is no reply. @returns `ok`, or the error code */
async function send(tab: Tab, turn: Turn, queue: boolean): Promise<string> {
  const { clientMessageId, conversationId, plan } = turn;
  for (let time = 0; time < MAX_TIMES; time += 1) {
    const reply = await tab.ask('message:send', { clientMessageId, conversationId, text: plan.question, queue });
    if (reply?.ok) turn.acknowledged.push({ messageId: reply.data.messageId, runId: reply.data.runId });
    if (reply) return reply.ok ? 'ok' : reply.error.code;
  }
  return 'nothing';
}

/** The first question of a server loads modules, and takes longer than later ones. */
async function warmUp(scene: Scene, tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) await scene.ask(tab, { tokens: 1 });
  await scene.ended();
}

/** Two tabs start the same conversation at the same moment, with a message each. */
async function beginTogether(scene: Scene, tabs: readonly [Tab, Tab]): Promise<void> {
  const conversationId = randomUUID();
  const mayWait = scene.random.next() < 0.5;
  const turns = tabs.map(() => scene.prepare({ conversationId, tokens: 3 }));
  const codes = await Promise.all(turns.map((turn, index) => send(tabs[index === 0 ? 0 : 1], turn, mayWait)));
  // The second message is refused, queued, or accepted because the first reply has already ended.
  const isRight = codes.includes('ok') && codes.every((code) => code === 'ok' || (!mayWait && code === 'run_active'));
  scene.expect(
    'L6',
    isRight,
    `two beginnings${mayWait ? ' that may wait' : ''} were answered with ${codes.join(', ')}`,
  );
}

/** Concurrent starts on two processes. */
export const beginningFaults: readonly Fault[] = [
  {
    name: 'two tabs on two processes begin one conversation at once',
    rules: ['L1', 'L6', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 25],
    async run(scene) {
      await using other = await scene.stage.spawn();
      await other.ready();
      const tabs = [await scene.open(), await scene.open({ port: other.port })] as const;
      await warmUp(scene, tabs);
      for (let begun = 0; begun < BEGINNINGS; begun += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, () => beginTogether(scene, tabs)));
      }
      await scene.ended();
      // A queued message is sent after the reply before it, and is answered too.
      const { person, evidence } = scene;
      await scene.until(
        async () =>
          (await evidence.query('select id from queued_messages where user_id = $1', [person.userId])).length === 0,
        'the queues are empty',
      );
      await scene.ended();
      tabs[1].close();
    },
  },
  {
    name: 'more replies than allowed are started at once on two processes',
    rules: ['L6'],
    databases: ['postgresql'],
    rounds: [0, 10],
    env: { MAX_RUNS_PER_USER: String(MAX_RUNS) },
    async run(scene) {
      await using other = await scene.stage.spawn();
      await other.ready();
      const tabs = [await scene.open(), await scene.open({ port: other.port })];
      await warmUp(scene, tabs);
      const codes = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          send(tabs[index % 2] ?? scene.openSoon(), scene.prepare({ tokens: 100, delayMs: 10 }), false),
        ),
      );
      const accepted = codes.filter((code) => code === 'ok');
      scene.expect('L6', accepted.length === MAX_RUNS, `${accepted.length} answers were begun, not ${MAX_RUNS}`);
      await scene.ended();
      tabs[1]?.close();
    },
  },
];
