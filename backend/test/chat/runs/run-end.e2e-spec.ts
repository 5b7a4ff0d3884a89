import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Run } from '../../../src/chat/runs/run.entity.js';
import { Database } from '../../../src/database/database.js';
import { UsageMeter } from '../../../src/models/usage/usage-meter.js';
import { says, type Script } from '../../../testing/model/script.js';
import { begin, lastText, stateOf } from '../../support/conversation.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

/** Ends like a real model, with the given usage. */
const counts =
  (usage: object): Script =>
  async (answer) => {
    await answer.text('Hello');
    await answer.finish('stop');
    await answer.event({ choices: [], usage });
    await answer.done();
  };

describe('the end of a reply', () => {
  let server: TestServer;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start({ MODEL_PRICES: '{"test-model":{"input":2,"output":8}}' });
    tab = await server.connect(await server.signIn('Ada'));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const running = (): Promise<number> => server.get(Database).read((em) => em.count(Run, { status: 'running' }));

  it.each<[string, object]>([
    ['a missing count', { prompt_tokens: 11, total_tokens: 11 }],
    ['a fraction', { prompt_tokens: 1.5, completion_tokens: 2 }],
    ['a negative count', { prompt_tokens: -7, completion_tokens: 2 }],
    ['a text', { prompt_tokens: '7', completion_tokens: 2 }],
    ['a count that no column holds', { prompt_tokens: 2 ** 31, completion_tokens: 2 }],
    ['an absurd count', { prompt_tokens: 1e300, completion_tokens: 2 }],
  ])('[L5] comes with an estimate instead of %s', async (_what, usage) => {
    server.model.next(counts(usage));
    const { stream, runId } = await begin(tab);
    await tab.follow(stream);
    const finished = await tab.event(stream, 'run.finished', (data) => data.runId === runId);
    expect(finished).toMatchObject({ status: 'completed', usage: { estimated: true } });
    expect(finished.usage?.inputTokens).toBeLessThan(1_000);
    expect(await running()).toBe(0);
  });

  it('[L5] is a failure when the result can never be stored, and keeps the text', async () => {
    const meter = server.get(UsageMeter);
    const amount = { tokens: 1, micros: 1 };
    jest.spyOn(meter, 'expected').mockReturnValueOnce({ whole: amount, least: amount });
    const priced = jest.spyOn(meter, 'priced').mockImplementation(() => {
      throw new RangeError('No such number');
    });
    server.model.next(says(['All', ' of it']));
    const { stream, runId } = await begin(tab);
    await tab.follow(stream);
    const finished = await tab.event(stream, 'run.finished', (data) => data.runId === runId);
    expect(finished).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    expect(finished.usage).toBeUndefined();
    expect(priced).toHaveBeenCalledTimes(3);
    const state = stateOf(await tab.subscribe(stream));
    expect(lastText(state)).toBe('All of it');
    expect(state.messages.at(-1)?.status).toBe('failed');
    expect(await running()).toBe(0);
  });

  it('[L5] comes for every reply when the server stops, although one of them cannot be stored', async () => {
    const other = await TestServer.start();
    try {
      const client = await other.connect(await other.signIn('Eve'));
      const endless = says(
        Array.from({ length: 5_000 }, () => 'on '),
        { delayMs: 5 },
      );
      other.model.otherwise = endless;
      const runs = [await begin(client), await begin(client)];
      for (const { stream } of runs) {
        await client.follow(stream);
        await client.event(stream, 'run.delta');
      }
      const meter = other.get(UsageMeter);
      jest.spyOn(meter, 'estimated').mockImplementationOnce(() => {
        throw new RangeError('No such number');
      });
      const ended = runs.map(({ stream, runId }) =>
        client.event(stream, 'run.finished', (data) => data.runId === runId),
      );
      await other.stop();
      const statuses = (await Promise.all(ended)).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual(['failed', 'interrupted']);
    } finally {
      await other[Symbol.asyncDispose]().catch(() => undefined);
    }
  });
});
