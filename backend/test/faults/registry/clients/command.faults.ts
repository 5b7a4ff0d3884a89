import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../fault.js';
import type { Turn, Scene } from '../../stage/scene.js';
import type { Tab } from '../../stage/tabs/tab.js';

/** Stops a reply, and checks that the acknowledged status is the one that is stored. */
async function stop(scene: Scene, tab: Tab, turn: Turn): Promise<void> {
  const { status } = await tab.insist('run:stop', { runId: scene.runOf(turn) });
  turn.expected = status;
  scene.expect('L5', status === 'stopped' || status === 'completed', `a stop was answered with ${status}`);
}

/** Commands, and faults of their acknowledgements. */
export const commandFaults: readonly Fault[] = [
  {
    name: 'the acknowledgement of a message is lost',
    rules: ['L6'],
    rounds: [2, 30],
    async run(scene) {
      const tab = await scene.open();
      const turn = scene.prepare({ tokens: 10, delayMs: 2, expected: 'completed' });
      scene.touch();
      scene.stage.road.become('mute');
      const sending = scene.send(tab, turn);
      await delay(scene.random.between(5, 150));
      scene.stage.road.cut();
      scene.stage.road.become('pass');
      await sending;
      // A user who is not sure presses the button again.
      await scene.send(tab, turn);
      tab.follow(turn.stream);
    },
  },
  {
    name: 'a double click, in two tabs at once',
    rules: ['L6'],
    rounds: [2, 50],
    async run(scene) {
      const [one, other] = [await scene.open(), await scene.open()];
      const turn = scene.prepare({ tokens: 10, delayMs: 2, expected: 'completed' });
      const gap = scene.random.between(0, 3);
      await Promise.all([scene.send(one, turn), delay(gap).then(() => scene.send(one, turn)), scene.send(other, turn)]);
      for (const tab of [one, other]) tab.follow(turn.stream);
      await scene.ended();
      await scene.send(other, turn);
    },
  },
  {
    name: 'stop before the first token',
    rules: ['L5'],
    rounds: [1, 20],
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, { play: ({ answer }) => answer.stall() });
      await delay(scene.random.between(0, 20));
      await stop(scene, tab, turn);
      await scene.until(() => scene.stage.model.openAnswers === 0, 'the model was let go', 2_000);
    },
  },
  {
    name: 'stop in the middle, from another tab',
    rules: ['L2', 'L5', 'L7'],
    rounds: [1, 20],
    async run(scene) {
      const [tab, other] = [await scene.open(), await scene.open()];
      const turn = await scene.ask(tab, { tokens: 400, delayMs: 3 });
      await scene.shows(tab, turn, scene.random.between(1, 40));
      await stop(scene, other, turn);
      await scene.until(() => scene.stage.model.openAnswers === 0, 'the model was let go', 2_000);
    },
  },
  {
    name: 'stop in the same millisecond as the last chunk',
    rules: ['L5', 'L7'],
    rounds: [1, 20],
    async run(scene) {
      const tab = await scene.open();
      for (let time = 0; time < 20; time += 1) {
        const turn = await scene.ask(tab, { tokens: 8, delayMs: 1 });
        await turn.plan.reached(8);
        const lateMs = scene.random.between(-1, 4);
        if (lateMs >= 0) await delay(lateMs);
        await stop(scene, tab, turn);
      }
    },
  },
  {
    name: 'all tabs are closed at token 5',
    rules: ['L9'],
    rounds: [1, 10],
    async run(scene) {
      const tabs = [await scene.open(), await scene.open()];
      const [first] = tabs;
      if (!first) return;
      const turn = await scene.ask(first, { tokens: 60, delayMs: 5, expected: 'completed' });
      await scene.shows(first, turn, 5);
      for (const tab of tabs) tab.close();
      await scene.ended();
      const later = await scene.open();
      later.follow(turn.stream);
      await scene.shows(later, turn, 60);
    },
  },
  {
    name: 'conversations are deleted, renamed, written to and stopped in any order',
    rules: ['L1', 'L4', 'L5', 'L6', 'L10'],
    rounds: [1, 1],
    run: (scene) => operate(scene, scene.isThorough ? 1_000 : 40),
  },
];

/** The expected state of a conversation, in a simple model. */
interface Expected {
  readonly id: string;
  title: string | undefined;
  questions: number;
  last: Turn;
}

/** Runs random operations, and compares the stored state with a model that is too simple to be wrong. */
async function operate(scene: Scene, operations: number): Promise<void> {
  const tabs = [await scene.open(), await scene.open(), await scene.open()];
  const living = new Map<string, Expected>();
  const gone: string[] = [];
  for (let operation = 0; operation < operations; operation += 1) {
    const tab = scene.random.pick(tabs);
    const chance = scene.random.next();
    const plan = { tokens: scene.random.between(1, 15), delayMs: scene.random.between(0, 3) };
    if (living.size === 0 || chance < 0.15) {
      const last = await scene.ask(tab, plan);
      living.set(last.conversationId, { id: last.conversationId, title: undefined, questions: 1, last });
      continue;
    }
    const one = scene.random.pick([...living.values()]);
    if (chance < 0.5) {
      one.last = await scene.ask(tab, { ...plan, conversationId: one.id });
      one.questions += 1;
    } else if (chance < 0.7) {
      one.title = `Title ${operation}`;
      await tab.insist('conversation:update', { conversationId: one.id, title: one.title });
    } else if (chance < 0.85) {
      await tab.insist('run:stop', { runId: scene.runOf(one.last) });
    } else if (chance < 0.95) {
      await tab.insist('conversation:delete', { conversationId: one.id });
      living.delete(one.id);
      gone.push(one.id);
    } else if (gone.length > 0) {
      await writeToTheDead(scene, tab, scene.random.pick(gone));
    }
  }
  await scene.ended();
  await compare(scene, living);
}

/** A message after the deletion must not restore the conversation. */
async function writeToTheDead(scene: Scene, tab: Tab, conversationId: string): Promise<void> {
  const reply = await tab.ask('message:send', { clientMessageId: randomUUID(), conversationId, text: 'Still there?' });
  const code = reply && !reply.ok ? reply.error.code : 'nothing';
  scene.expect('L10', code === 'not_found', `a message to a deleted conversation was answered with ${code}`);
}

async function compare(scene: Scene, living: ReadonlyMap<string, Expected>): Promise<void> {
  const { evidence, person } = scene;
  const stored = await evidence.query('select id, title from conversations where user_id = $1 and deleted_at is null', [
    person.userId,
  ]);
  const counts = await evidence.query(
    `select conversation_id, count(*) as questions from conversation_history
     where user_id = $1 and role = 'user' group by conversation_id`,
    [person.userId],
  );
  const questions = new Map(counts.map((row) => [row['conversation_id'], Number(row['questions'])]));
  const found = stored.map(({ id }) => String(id)).sort((a, b) => (a < b ? -1 : 1));
  scene.expect(
    'L10',
    found.join() === [...living.keys()].sort().join(),
    `${found.length} conversations, not ${living.size}`,
  );
  for (const { id, title } of stored) {
    const expected = living.get(String(id));
    if (!expected) continue;
    scene.expect('L6', questions.get(id) === expected.questions, `${String(id)} holds another number of questions`);
    scene.expect('L10', (expected.title ?? title) === title, `${String(id)} is called "${String(title)}"`);
  }
}
