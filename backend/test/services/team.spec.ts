import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { teamStream } from '../../src/protocol/index.js';
import { UsersService } from '../../src/users/users.service.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { newMessage } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

/** How soon a change by another process applies, also when the bus fails (`A2`). */
const IN_TIME_MS = 2_000;

describe.each([
  ['NOTIFY', {}],
  ['no bus', { LISTEN_NOTIFY: 'off' }],
])('what an admin sets for everybody on another process, with %s', (_bus, env) => {
  let database: TestDatabase;
  let model: ModelServer;
  let one: TestServer;
  let other: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let tab: TestClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
    one = await TestServer.start(env, { database, model });
    other = await TestServer.start(env, { database, model });
    ada = await one.signIn('Ada', 'admin');
    bob = await one.signIn('Bob');
    tab = await other.connect(other.renew(bob));
    await tab.subscribe(teamStream('user'));
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const write = async (method: string, path: string, body: object): Promise<Response> =>
    one.fetch(path, ada, { method, body: JSON.stringify(body) });

  it('[A2] an announcement is there in time', async () => {
    const events = tab.eventsOf(teamStream('user'));
    expect((await write('POST', '/api/admin/announcements', { text: 'From afar', tone: 'info' })).status).toBe(201);
    await until(() => events.some(({ type }) => type === 'announcement.added'), 'the announcement', IN_TIME_MS);
  });

  it('[A2] a model that is taken away is refused at once, and the tab is told in time', async () => {
    const events = tab.eventsOf(teamStream('user'));
    const access = { roles: ['admin'], userIds: [] };
    expect((await write('PUT', '/api/admin/models', { model: 'other-model', access })).status).toBe(200);
    expect(await tab.refused('message:send', { ...newMessage(), model: 'other-model' })).toMatchObject({
      code: 'forbidden',
    });
    await until(() => events.some(({ type }) => type === 'models.changed'), 'the change', IN_TIME_MS);
    await one.get(UsersService).change(null, bob.userId, { role: 'admin' });
    await tab.command('message:send', { ...newMessage(), model: 'other-model' });
    await one.get(UsersService).change(null, bob.userId, { role: 'user' });
  });

  it('[A2] a log level applies in time', async () => {
    const level = async (): Promise<unknown> =>
      ((await (await other.fetch('/api/admin/log-level', other.renew(ada))).json()) as { level: unknown }).level;
    expect((await write('PUT', '/api/admin/log-level', { level: 'error' })).status).toBe(200);
    await until(async () => (await level()) === 'error', 'the level', IN_TIME_MS);
    await write('PUT', '/api/admin/log-level', { level: null });
    await until(async () => (await level()) === 'fatal', 'the configured level', IN_TIME_MS);
  });

  it('[A2] a role that is taken away ends its stream in time', async () => {
    await one.get(UsersService).change(null, bob.userId, { role: 'pending' });
    await until(
      async () => {
        const reply = await tab.raw('stream:subscribe', { stream: teamStream('user') });
        return !reply.ok && reply.error.code === 'not_found';
      },
      'the stream of users is refused',
      IN_TIME_MS,
    );
    const known = tab.eventsOf(teamStream('user')).length;
    await tab.subscribe(teamStream('pending'));
    await write('POST', '/api/admin/announcements', { text: 'After that', tone: 'info' });
    await tab.event(teamStream('pending'), 'announcement.added');
    expect(tab.eventsOf(teamStream('user'))).toHaveLength(known);
  });
});
