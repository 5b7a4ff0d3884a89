import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { userStream } from '../../src/protocol/index.js';
import { newProgram } from '../programs/calls.js';
import { HeldAnswers, says } from '../../testing/model/script.js';
import { newMessage } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';
import { setBudget, tokens } from '../team/budgets.js';
import { growth, METRICS_TOKEN, readMetrics, whenGrown } from './readings.js';

const REQUESTS = 'lockstep_http_request_duration_seconds_count';
const COMMANDS = 'lockstep_command_duration_seconds_count';
const UNKNOWN_ID = '00000000-0000-7000-8000-000000000000';
const BURST = 30;

let server: TestServer;
beforeAll(async () => {
  // Replies may still be written when the limit of messages is reached.
  const runs = { MAX_RUNS_PER_USER: '10' };
  const limits = { ...runs, MAX_SENDS_PER_MINUTE: '2', MAX_EVENTS_PER_SECOND: '1', MAX_EVENTS_BURST: String(BURST) };
  server = await TestServer.start({ METRICS_TOKEN, ...limits });
});
afterAll(() => server[Symbol.asyncDispose]());

describe('the metrics of HTTP requests', () => {
  it('have the pattern of the route, never the path', async () => {
    const ada = await server.signIn('Ada');
    const grown = await growth(server);
    expect((await server.fetch(`/api/conversations/${UNKNOWN_ID}/export`, ada)).status).toBe(404);
    expect((await server.fetch('/api/models', ada)).status).toBe(200);
    expect((await server.fetch('/api/models')).status).toBe(401);
    await whenGrown(grown, 1, REQUESTS, { method: 'GET', route: '/api/conversations/:id/export', status: '404' });
    await whenGrown(grown, 1, REQUESTS, { method: 'GET', route: '/api/models', status: '200' });
    await whenGrown(grown, 1, REQUESTS, { method: 'GET', route: '/api/models', status: '401' });
    expect((await readMetrics(server.url)).text).not.toContain(UNKNOWN_ID);
  });

  it('have one value for all unknown paths and for methods that no route has', async () => {
    const grown = await growth(server);
    for (const path of ['/api/invented', '/v1/invented', '/wp-login.php']) await server.fetch(path);
    await server.fetch('/api/models', undefined, { method: 'DELETE' });
    await whenGrown(grown, 3, REQUESTS, { method: 'GET', route: 'unmatched', status: '404' });
    await whenGrown(grown, 1, REQUESTS, { method: 'DELETE', route: 'unmatched', status: '405' });
    expect((await readMetrics(server.url)).text).not.toMatch(/invented|wp-login/);
  });

  it('count a client that does not wait for the whole answer', async () => {
    const { client } = await newProgram(server, 'Bob');
    const grown = await growth(server);
    const answers = new HeldAnswers();
    server.model.next(answers.script);
    const stop = new AbortController();
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const asked = client.chat.completions.create({ model: 'test-model', messages }, { signal: stop.signal });
    await answers.next();
    stop.abort();
    await expect(asked).rejects.toThrow();
    await whenGrown(grown, 1, REQUESTS, { method: 'POST', route: '/v1/chat/completions', status: '499' });
  });
});

describe('the metrics of commands', () => {
  it('have the name and the result of each, and one value for unknown names', async () => {
    const cleo = await server.signIn('Cleo');
    const tab = await server.connect(cleo);
    const grown = await growth(server);
    await tab.command('stream:subscribe', { stream: userStream(cleo.userId) });
    await tab.refused('stream:subscribe', { stream: userStream(UNKNOWN_ID) });
    await tab.refused('stream:subscribe', { strem: userStream(cleo.userId) });
    await tab.refused('no:such-command');
    expect(await grown(COMMANDS, { command: 'stream:subscribe', result: 'ok' })).toBe(1);
    expect(await grown(COMMANDS, { command: 'stream:subscribe', result: 'not_found' })).toBe(1);
    expect(await grown(COMMANDS, { command: 'stream:subscribe', result: 'bad_request' })).toBe(1);
    expect(await grown(COMMANDS, { command: 'unknown', result: 'bad_request' })).toBe(1);
    expect((await readMetrics(server.url)).text).not.toContain('no:such-command');
  });
});

describe('the metrics of refusals', () => {
  it('count the limit of messages each time that it refuses one', async () => {
    const tab = await server.connect(await server.signIn('Eve'));
    const grown = await growth(server);
    for (const reply of ['One', 'Two']) {
      server.model.next(says([reply]));
      await tab.command('message:send', newMessage());
    }
    // The second one is refused without the database.
    for (let n = 0; n < 2; n += 1) {
      expect(await tab.refused('message:send', newMessage())).toMatchObject({ code: 'rate_limited' });
    }
    expect(await grown('lockstep_rate_limit_refusals_total', { limit: 'sends' })).toBe(2);
    expect(await grown('lockstep_messages_sent_total', { result: 'refused' })).toBe(2);
  });

  it('count the limit of events of a socket', async () => {
    const tab = await server.connect(await server.signIn('Finn'));
    const grown = await growth(server);
    const replies = await Promise.all(Array.from({ length: BURST + 10 }, () => tab.raw('no:such-command')));
    const refused = replies.filter((reply) => !reply.ok && reply.error.code === 'rate_limited').length;
    expect(refused).toBeGreaterThan(0);
    expect(await grown('lockstep_rate_limit_refusals_total', { limit: 'events' })).toBe(refused);
    expect(await grown(COMMANDS, { command: 'unknown', result: 'rate_limited' })).toBe(refused);
  });

  it('count the budget of the day and that of the month', async () => {
    const admin = await server.signIn('Ada', 'admin');
    const person = await server.signIn('Gina');
    const tab = await server.connect(person);
    const grown = await growth(server);
    await setBudget(server, admin, person, tokens(0));
    await tab.refused('message:send', newMessage());
    expect(await grown('lockstep_budget_refusals_total', { period: 'day' })).toBe(1);
    await setBudget(server, admin, person, tokens(null, 0));
    await tab.refused('message:send', newMessage());
    expect(await grown('lockstep_budget_refusals_total', { period: 'month' })).toBe(1);
  });
});
