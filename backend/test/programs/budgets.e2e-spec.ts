import { randomUUID } from 'node:crypto';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnkeptRun } from '../../src/chat/unkept/unkept-run.entity.js';
import { UnkeptRows } from '../../src/chat/unkept/unkept-rows.js';
import { Database } from '../../src/database/database.js';
import { userStream } from '../../src/protocol/index.js';
import { says } from '../../testing/model/script.js';
import { finish, held, HI, newProgram, post } from './calls.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { budgetOf, refusedUntil, setBudget, tokens, used } from '../team/budgets.js';

const BODY = { model: 'test-model', messages: HI };

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start();
  ada = await server.signIn('Ada', 'admin');
});
afterAll(() => server[Symbol.asyncDispose]());

describe('a call of a program over the budget', () => {
  it.each([
    ['without a conversation', {}],
    ['into a conversation', { metadata: { conversation_id: randomUUID() } }],
  ])('%s is refused as OpenAI’s API does it, and is not repeated by its library', async (_which, more) => {
    const { person, token } = await newProgram(server, 'Bob');
    await setBudget(server, ada, person, tokens(0));
    const before = server.model.requests.length;
    const response = await post(server, token, { ...BODY, ...more });
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([429, 'false']);
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringMatching(/begins anew at \d{4}-\d\d-\d\dT00:00:00.000Z/),
        type: 'insufficient_quota',
        param: null,
        code: 'insufficient_quota',
      },
    });
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: token, maxRetries: 3 });
    const calls = client.chat.completions.create({ ...BODY, ...more, stream: true });
    await expect(calls).rejects.toMatchObject({ status: 429, code: 'insufficient_quota' });
    expect(server.model.requests).toHaveLength(before);
    // The open tabs of the person are told, too.
    expect(await refusedUntil(await server.connect(person), person)).toBeGreaterThan(Date.now());
    await setBudget(server, ada, person, tokens(10_000));
    expect((await post(server, token, { ...BODY, ...more })).status).toBe(200);
  });

  it('reserves the limit that it names, settles what it has used, and leaves no room for a second one', async () => {
    const { person, token } = await newProgram(server, 'Cy');
    await setBudget(server, ada, person, tokens(1_000));
    const tab = await server.connect(person);
    await tab.subscribe(userStream(person.userId));
    const model = held(server);
    const call = post(server, token, { ...BODY, max_tokens: 600 });
    const answer = await model;
    const reserved = (await budgetOf(server, person)).standing?.day?.reserved ?? 0;
    expect([reserved > 600, reserved < 700]).toEqual([true, true]);
    expect((await post(server, token, { ...BODY, max_tokens: 600 })).status).toBe(429);
    await finish(answer, 'Done');
    expect((await call).status).toBe(200);
    const { standing } = await budgetOf(server, person);
    expect(standing?.day?.reserved).toBe(0);
    expect(standing?.day?.used).toBeGreaterThan(0);
    await until(async () => (await refusedUntil(tab, person)) === undefined, 'the sentence goes');
    server.model.next(says(['Yes'], used(900, 100)));
    expect((await post(server, token, { ...BODY, max_tokens: 600 })).status).toBe(200);
    expect((await post(server, token, BODY)).status).toBe(429);
  });

  it('of a process that has died leaves no reservation', async () => {
    const { person, token } = await newProgram(server, 'Dee');
    await setBudget(server, ada, person, tokens(1_000));
    const database = server.get(Database);
    const now = database.clock.now();
    await database.write((em) => {
      em.create(UnkeptRun, {
        id: randomUUID(),
        userId: person.userId,
        model: 'test-model',
        requestId: 'x',
        leaseUntil: now - 1,
        createdAt: now - 20_000,
        reservedTokens: 1_000,
        reservedMicros: 0,
      });
      return Promise.resolve();
    });
    expect((await post(server, token, BODY)).status).toBe(429);
    const rows = server.get(UnkeptRows);
    await rows.sweep();
    await rows.sweep();
    expect((await budgetOf(server, person)).standing?.day?.reserved).toBe(0);
    expect((await post(server, token, BODY)).status).toBe(200);
  });
});
