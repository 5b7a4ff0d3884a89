import { setTimeout as delay } from 'node:timers/promises';
import type { RunStatus } from '../../../src/protocol/index.js';
import type { Rule } from '../check/recording.js';
import type { Fault } from '../fault.js';
import type { PlanOptions, Attempt } from '../stage/numbered-model.js';

interface Ailment extends PlanOptions {
  readonly name: string;
  readonly expected: RunStatus;
  readonly rules?: readonly Rule[];
  readonly rounds?: readonly [few: number, many: number];
}

/** The number of calls for a model that fails before the first token. */
const RETRIED = 3;
const TOKENS = 12;

const refuses =
  (status: number, body: string | object = {}, headers: Record<string, string> = {}) =>
  ({ answer }: Attempt): Promise<void> => {
    answer.refuse(status, body, headers);
    return Promise.resolve();
  };

/** Fails the first time, and then answers. */
const onceOnly =
  (fail: (attempt: Attempt) => Promise<void>) =>
  async (attempt: Attempt): Promise<void> => {
    if (attempt.number === 1) return fail(attempt);
    await attempt.tokens();
    await attempt.end();
  };

/** Sends some tokens, and then does something else. */
const after =
  (tokens: number, then: (attempt: Attempt) => Promise<void> | void) =>
  async (attempt: Attempt): Promise<void> => {
    await attempt.tokens(tokens);
    await then(attempt);
  };

/** Everything in one write. */
async function burst({ plan, answer }: Attempt): Promise<void> {
  const event = (number: number): string =>
    `data: ${JSON.stringify({ id: 'burst', choices: [{ index: 0, delta: { content: plan.token(number) } }] })}\n\n`;
  const all = Array.from({ length: plan.length }, (_, number) => event(number)).join('');
  await answer.raw(`${all}data: {"id":"burst","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`);
  plan.report(plan.length);
  await answer.done();
}

/** The two halves of each emoji in different events. */
async function halves({ plan, answer }: Attempt): Promise<void> {
  for (let number = 0; number < plan.length; number += 1) {
    const token = plan.token(number);
    const middle = token.indexOf('\ude00');
    await answer.text(token.slice(0, middle));
    await answer.text(token.slice(middle));
  }
  await answer.finish('stop');
  await answer.done();
}

const ailments: readonly Ailment[] = [
  { name: '401', expected: 'failed', play: refuses(401) },
  {
    name: '429 with Retry-After, then answers',
    expected: 'completed',
    attempts: 2,
    play: onceOnly(refuses(429, {}, { 'retry-after': '1' })),
  },
  { name: '429 without Retry-After, always', expected: 'failed', attempts: RETRIED, play: refuses(429) },
  { name: '500, then answers', expected: 'completed', attempts: 2, play: onceOnly(refuses(500)) },
  {
    name: 'a page of HTML with 502, always',
    expected: 'failed',
    attempts: RETRIED,
    play: refuses(502, '<html><body>Bad gateway</body></html>'),
  },
  {
    name: 'stalls before the first token',
    expected: 'failed',
    attempts: RETRIED,
    play: ({ answer }) => answer.stall(),
  },
  { name: 'stalls after the first token', expected: 'failed', play: after(1, ({ answer }) => answer.stall()) },
  {
    name: 'resets before the first token',
    expected: 'failed',
    attempts: RETRIED,
    play: after(0, ({ answer }) => answer.reset()),
  },
  { name: 'resets in the middle', expected: 'failed', play: after(5, ({ answer }) => answer.reset()) },
  {
    name: 'ends without [DONE]',
    expected: 'completed',
    play: after(TOKENS, async ({ answer }) => {
      await answer.finish('stop');
      answer.end();
    }),
  },
  { name: 'breaks off without an end', expected: 'failed', play: after(5, ({ answer }) => answer.end()) },
  {
    name: 'sends broken JSON',
    expected: 'failed',
    play: after(5, ({ answer }) => answer.raw('data: {"choices": [\n\n')),
  },
  {
    name: 'sends every byte by itself',
    expected: 'completed',
    token: (number) => `${number}😀 `,
    async play(attempt) {
      attempt.answer.bytewise = true;
      await attempt.tokens();
      await attempt.end();
    },
  },
  { name: 'splits emoji in the middle', expected: 'completed', token: (number) => `${number}😀 `, play: halves },
  {
    name: 'sends an error object inside a 200',
    expected: 'failed',
    play: after(5, ({ answer }) => answer.event({ error: { message: 'scripted', type: 'server_error' } })),
  },
  {
    name: 'sends events without choices',
    expected: 'completed',
    async play(attempt) {
      for (let number = 0; number < TOKENS; number += 1) {
        await attempt.answer.event({ choices: [] });
        await attempt.tokens(1);
      }
      await attempt.end();
    },
  },
  { name: 'sends 10,000 tokens in one burst', expected: 'completed', tokens: 10_000, rounds: [1, 5], play: burst },
];

const faultOf = ({ name, expected, rules = ['L5'], rounds = [1, 3], ...plan }: Ailment): Fault => ({
  name: `the model ${/^[\da]/.test(name) ? 'answers ' : ''}${name}`,
  rules,
  rounds,
  async run(scene) {
    const tab = await scene.open();
    await scene.open();
    await scene.ask(tab, { tokens: TOKENS, ...plan, expected });
    await scene.ended();
  },
});

/** Faults of model providers. */
export const modelFaults: readonly Fault[] = [
  ...ailments.map(faultOf),
  {
    name: 'no server listens at the address of the model',
    rules: ['L5'],
    rounds: [1, 3],
    async run(scene) {
      const tab = await scene.open();
      scene.stage.modelRoad.refuse();
      scene.stage.modelRoad.cut();
      await scene.ask(tab, { expected: 'failed', attempts: 0 });
      await scene.ended();
    },
  },
  {
    name: 'the model never ends',
    rules: ['L5'],
    rounds: [1, 3],
    env: { MODEL_MAX_REPLY_LENGTH: '3000', MODEL_WALL_CLOCK_MS: '4000' },
    async run(scene) {
      const tab = await scene.open();
      // One reply is ended by the length limit, the other by the time limit.
      for (const delayMs of [0, 50]) {
        await scene.ask(tab, { tokens: 100_000, delayMs, expected: 'failed', play: untilClosed });
      }
      await scene.ended();
      await scene.until(() => scene.stage.model.openAnswers === 0, 'the model was let go', 2_000);
    },
  },
];

async function untilClosed(attempt: Attempt): Promise<void> {
  let isOver = false;
  void attempt.request.closed.then(() => (isOver = true));
  for (let sent = 0; !isOver && sent < attempt.plan.length; sent += 1) {
    await attempt.tokens(1);
    if (sent % 100 === 0) await delay(1);
  }
}
