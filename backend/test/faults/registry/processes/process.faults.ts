import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../fault.js';
import type { Scene } from '../../stage/scene.js';

const TOKENS = 30;

/** Kills the server once a tab shows this many tokens of a reply, or up to 8 ms later. */
async function killAt(scene: Scene, tokens: number): Promise<void> {
  const tab = await scene.open();
  await scene.open();
  const turn = await scene.ask(tab, { tokens: TOKENS, delayMs: 5 });
  await scene.shows(tab, turn, tokens);
  await delay(scene.random.between(0, 8));
  await scene.kill();
}

/** Kills of the server. */
export const processFaults: readonly Fault[] = [
  {
    name: 'kill -9 at token 0',
    rules: ['L2', 'L8'],
    rounds: [1, 10],
    async run(scene) {
      const tab = await scene.open();
      await scene.ask(tab, { expected: 'interrupted', play: ({ answer }) => answer.stall() });
      await delay(scene.random.between(0, 30));
      await scene.kill();
    },
  },
  {
    name: 'kill -9 at token 1',
    rules: ['L2', 'L8', 'L10'],
    rounds: [1, 10],
    run: (scene) => killAt(scene, 1),
  },
  {
    name: 'kill -9 in the middle of an answer',
    rules: ['L1', 'L2', 'L3', 'L4', 'L8', 'L10'],
    rounds: [1, 30],
    run: (scene) => killAt(scene, scene.random.between(2, TOKENS - 2)),
  },
  {
    name: 'kill -9 at the last token',
    rules: ['L2', 'L5'],
    rounds: [1, 10],
    run: (scene) => killAt(scene, TOKENS),
  },
  {
    name: 'kill -9 between the last token and the end',
    rules: ['L2', 'L5', 'L8'],
    rounds: [1, 10],
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, {
        expected: 'interrupted',
        async play(attempt) {
          await attempt.tokens();
          await attempt.answer.stall();
        },
      });
      await scene.shows(tab, turn, turn.plan.length);
      await scene.kill();
    },
  },
  {
    name: 'kill -9 around the acknowledgement of a message',
    rules: ['L6', 'L8'],
    rounds: [2, 30],
    async run(scene) {
      const tab = await scene.open();
      const turn = scene.prepare({ tokens: 10, delayMs: 2 });
      const sending = scene.send(tab, turn);
      await delay(scene.random.between(0, 40));
      await scene.kill();
      await scene.up();
      await sending;
      tab.follow(turn.stream);
    },
  },
  {
    name: 'kill -9 with 50 answers in flight',
    rules: ['L1', 'L2', 'L3', 'L5', 'L8'],
    rounds: [1, 10],
    async run(scene) {
      const tab = await scene.open();
      const asking = Array.from({ length: 50 }, () => scene.ask(tab, { tokens: 400, delayMs: 10 }));
      const turns = await Promise.all(asking);
      await scene.until(() => turns.every(({ plan }) => plan.sent > 0), 'every answer has begun', 90_000);
      await delay(scene.random.between(0, 300));
      await scene.kill();
    },
  },
];
