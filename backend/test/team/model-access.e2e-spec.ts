import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import {
  type AdminModel,
  type AuditEntry,
  type ConversationState,
  conversationStream,
  type ModelAccessChange,
  type ModelList,
  type Page,
  teamStream,
  userStream,
} from '../../src/protocol/index.js';
import { User } from '../../src/users/user.entity.js';
import { UsersService } from '../../src/users/users.service.js';
import { says } from '../../testing/model/script.js';
import { begin, newMessage, stateOf, whenEnded, whenNamed } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const MODELS = ['test-model', 'other-model'] as const;
const UNKNOWN = '00000000-0000-7000-8000-000000000000';

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start();
  ada = await server.signIn('Ada', 'admin');
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(async () => {
  for (const model of MODELS) await permit(model, null);
});

const put = (body: unknown, person = ada): Promise<Response> =>
  server.fetch('/api/admin/models', person, { method: 'PUT', body: JSON.stringify(body) });
const permit = async (model: string, access: ModelAccessChange): Promise<AdminModel> => {
  const response = await put({ model, access });
  expect(response.status).toBe(200);
  return (await response.json()) as AdminModel;
};
const adminsOnly = (model: string): Promise<AdminModel> => permit(model, { roles: ['admin'], userIds: [] });
const offeredTo = async (person: TestPerson): Promise<readonly string[]> => {
  const response = await server.fetch('/api/models', person);
  return ((await response.json()) as ModelList).items.map(({ id }) => id);
};
const audit = async (limit: number): Promise<readonly AuditEntry[]> => {
  const response = await server.fetch(`/api/admin/audit?limit=${limit}`, ada);
  return ((await response.json()) as Page<AuditEntry>).items;
};
const ids = () => ({ clientMessageId: randomUUID() });
const changes = (tab: TestClient, stream: string): number =>
  tab.eventsOf(stream).filter(({ type }) => type === 'models.changed').length;

describe('who may ask a model', () => {
  it('[A5] is everybody until an admin chooses roles and people', async () => {
    const [bob, cy] = [await server.signIn('Bob'), await server.signIn('Cy')];
    expect(await offeredTo(bob)).toEqual(MODELS);
    const changed = await permit('test-model', { roles: ['admin'], userIds: [bob.userId] });
    const users = [{ id: bob.userId, name: 'Bob', email: 'bob@example.com' }];
    expect(changed).toEqual({ id: 'test-model', access: { roles: ['admin'], users } });
    expect(await (await server.fetch('/api/admin/models', ada)).json()).toEqual({
      items: [changed, { id: 'other-model', access: null }],
      nextCursor: null,
    });
    expect([await offeredTo(ada), await offeredTo(bob), await offeredTo(cy)]).toEqual([
      MODELS,
      MODELS,
      ['other-model'],
    ]);
    expect(await audit(1)).toMatchObject([
      {
        action: 'model.access_changed',
        actorEmail: 'ada@example.com',
        detail: { model: 'test-model', from: null, to: { roles: ['admin'], users: ['bob@example.com'] } },
      },
    ]);
    // Without a real change nothing is written.
    const [{ id } = { id: '' }] = await audit(1);
    await permit('test-model', { roles: ['admin'], userIds: [bob.userId] });
    expect(await audit(1)).toMatchObject([{ id }]);
  });

  it('tells the tabs for whom something has changed, and no others', async () => {
    const [bob, cy] = [await server.signIn('Bob'), await server.signIn('Cy')];
    const [ofBob, ofCy, ofAda] = [await server.connect(bob), await server.connect(cy), await server.connect(ada)];
    await ofBob.subscribe(userStream(bob.userId));
    await ofCy.subscribe(teamStream('user'));
    await ofAda.subscribe(teamStream('admin'));
    await ofAda.subscribe('admin');
    await permit('other-model', { roles: ['admin'], userIds: [bob.userId] });
    await ofBob.event(userStream(bob.userId), 'models.changed');
    await ofCy.event(teamStream('user'), 'models.changed');
    expect(await ofAda.event('admin', 'model.updated')).toMatchObject({ id: 'other-model' });
    expect(changes(ofAda, teamStream('admin'))).toBe(0);
    await permit('other-model', { roles: ['admin', 'user'], userIds: [] });
    await until(() => changes(ofBob, userStream(bob.userId)) === 2, 'Bob is no longer named');
    await until(() => changes(ofCy, teamStream('user')) === 2, 'all users are');
  });

  it('[A2] follows the role from the next message on, also when the command line changes it', async () => {
    const dee = await server.signIn('Dee');
    const tab = await server.connect(dee);
    await adminsOnly('other-model');
    const message = () => ({ ...newMessage(), model: 'other-model' });
    expect(await tab.refused('message:send', message())).toMatchObject({ code: 'forbidden', retryable: false });
    await server.get(UsersService).change(null, dee.userId, { role: 'admin' });
    expect(await offeredTo(dee)).toEqual(MODELS);
    await tab.command('message:send', message());
    await server.get(UsersService).change(null, dee.userId, { role: 'user' });
    expect(await tab.refused('message:send', message())).toMatchObject({ code: 'forbidden' });
  });

  it('is no user when the accounts of all people are deleted, and not everybody', async () => {
    const [eve, fay] = [await server.signIn('Eve'), await server.signIn('Fay')];
    await permit('other-model', { roles: [], userIds: [eve.userId] });
    await server.get(Database).write((em) => em.nativeDelete(User, { id: eve.userId }));
    expect(await offeredTo(fay)).toEqual(['test-model']);
    expect(await offeredTo(ada)).toEqual(['test-model']);
    const list = (await (await server.fetch('/api/admin/models', ada)).json()) as { items: AdminModel[] };
    expect(list.items[1]).toEqual({ id: 'other-model', access: { roles: [], users: [] } });
  });

  it('is refused in a bad form with the key, and for other roles', async () => {
    const access = { roles: ['user'], userIds: [] };
    for (const [key, body] of [
      ['access', { model: 'test-model', access: { roles: [], userIds: [] } }],
      ['access.roles', { model: 'test-model', access: { ...access, roles: ['pending'] } }],
      ['access.roles', { model: 'test-model', access: { ...access, roles: ['user', 'user'] } }],
      ['access.userIds', { model: 'test-model', access: { ...access, userIds: [UNKNOWN] } }],
      ['access.userIds', { model: 'test-model', access: { ...access, userIds: [ada.userId, ada.userId] } }],
      ['access', { model: 'test-model' }],
      ['model', { access }],
    ] as const) {
      const response = await put(body);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { detail: string }).detail).toContain(key);
    }
    expect((await put({ model: 'gone-model', access })).status).toBe(404);
    const gus = await server.signIn('Gus');
    expect((await put({ model: 'test-model', access }, gus)).status).toBe(403);
    expect((await server.fetch('/api/admin/models', gus)).status).toBe(403);
    expect(await offeredTo(gus)).toEqual(MODELS);
  });
});

describe('a message to a model that its author may not ask', () => {
  it('is refused in every way, with a sentence, and the model is not called', async () => {
    const person = await server.signIn('Hal');
    const tab = await server.connect(person);
    server.model.next(says(['Whole']));
    const first = await begin(tab);
    await tab.command('conversation:update', {
      conversationId: first.conversationId,
      settings: { model: 'other-model' },
    });
    const state = await whenNamed(tab, first.stream);
    server.model.next(async (answer) => {
      await answer.text('Half');
      answer.end();
    });
    await tab.command('message:send', newMessage('Go on', first.conversationId));
    const half = (await whenEnded(tab, first.stream)).messages.at(-1);
    expect(half).toMatchObject({ model: 'other-model', text: 'Half' });
    await adminsOnly('other-model');
    const before = server.model.requests.length;
    const { conversationId } = first;
    const forbidden = { code: 'forbidden', message: expect.stringContaining('other-model') };
    for (const [name, payload] of [
      ['message:send', { ...newMessage(), model: 'other-model' }],
      ['message:send', { ...newMessage(), settings: { model: 'other-model' } }],
      ['message:send', { ...newMessage(), model: 'test-model', settings: { model: 'other-model' } }],
      ['message:send', newMessage('By its settings', conversationId)],
      ['message:send', { ...newMessage('Into the queue', conversationId), queue: true }],
      ['message:edit', { ...ids(), messageId: first.messageId, text: 'Edited' }],
      ['message:regenerate', { ...ids(), messageId: state.messages.at(-1)?.id }],
      ['message:regenerate', { ...ids(), messageId: state.messages.at(-1)?.id, model: 'other-model' }],
      ['message:continue', { ...ids(), messageId: half?.id }],
      ['conversation:update', { conversationId, settings: { model: 'other-model', temperature: 1 } }],
    ] as const) {
      expect([name, await tab.refused(name, payload)]).toEqual([name, expect.objectContaining(forbidden)]);
    }
    const script = (body: object) =>
      server.fetch('/api/chat', person, { method: 'POST', body: JSON.stringify({ message: 'Hi', ...body }) });
    expect((await script({ model: 'other-model' })).status).toBe(403);
    expect((await script({ conversationId })).status).toBe(403);
    expect(server.model.requests).toHaveLength(before);
    expect((await whenEnded(tab, first.stream)).messages.at(-1)).toEqual(half);

    // Another model may be named, or chosen for the conversation.
    const { runId } = await tab.command('message:regenerate', {
      ...ids(),
      messageId: half?.id ?? '',
      model: 'test-model',
    });
    await tab.event(first.stream, 'run.finished', (run) => run.runId === runId);
    await tab.command('conversation:update', { conversationId, settings: { model: 'test-model' } });
    await tab.command('message:send', newMessage('With another one', conversationId));
    expect((await whenEnded(tab, first.stream)).messages.at(-1)).toMatchObject({
      status: 'completed',
      model: 'test-model',
    });
  });

  it('goes to the first model that remains, when it names none', async () => {
    const person = await server.signIn('Ida');
    const tab = await server.connect(person);
    await server.fetch('/api/profile/me', person, {
      method: 'PATCH',
      body: JSON.stringify({ preferences: { model: 'test-model' } }),
    });
    await adminsOnly('test-model');
    const { stream } = await begin(tab);
    expect((await whenEnded(tab, stream)).messages.at(-1)).toMatchObject({ model: 'other-model' });
    await adminsOnly('other-model');
    expect(await offeredTo(person)).toEqual([]);
    expect(await tab.refused('message:send', newMessage())).toMatchObject({
      code: 'forbidden',
      message: 'You may not use any model. Ask an admin.',
    });
  });

  it('[L6] is answered as before when the command is repeated', async () => {
    const tab = await server.connect(await server.signIn('Joe'));
    const message = { ...newMessage(), model: 'other-model' };
    const sent = await tab.command('message:send', message);
    await whenEnded(tab, conversationStream(message.conversationId));
    await adminsOnly('other-model');
    expect(await tab.command('message:send', message)).toMatchObject({ duplicate: true, messageId: sent.messageId });
  });
});

describe('while a reply is being written', () => {
  /** The next answer of the model waits; returns a function that lets it go on. */
  const holdNext = (): (() => void) => {
    const held = Promise.withResolvers<void>();
    server.model.next(async (answer, asked) => {
      await held.promise;
      await says(['The ', 'answer'])(answer, asked);
    });
    return () => held.resolve();
  };

  const running = async (name: string) => {
    const tab = await server.connect(await server.signIn(name));
    const release = holdNext();
    const message = { ...newMessage('First'), settings: { model: 'other-model' } };
    await tab.command('message:send', message);
    const stream = conversationStream(message.conversationId);
    await tab.subscribe(stream);
    return { tab, release, stream, conversationId: message.conversationId };
  };

  it('the reply is finished, and a queued message ends as failed without a call to the model', async () => {
    const { tab, release, stream, conversationId } = await running('Kim');
    const queued = await tab.command('message:send', { ...newMessage('Second', conversationId), queue: true });
    const third = await tab.command('message:send', { ...newMessage('Third', conversationId), queue: true });
    await adminsOnly('other-model');
    const before = server.model.requests.length;
    release();
    await tab.event(stream, 'run.finished', ({ runId }) => runId === queued.runId);
    const state: ConversationState = stateOf(await tab.subscribe(stream));
    const [question, reply] = state.messages.slice(-2);
    expect(state.messages.at(-3)).toMatchObject({ status: 'completed', model: 'other-model' });
    expect(question).toMatchObject({ id: queued.messageId, text: 'Second' });
    expect(reply).toMatchObject({
      status: 'failed',
      text: '',
      model: 'other-model',
      error: { code: 'model_forbidden', requestId: expect.any(String) },
    });
    expect(reply).not.toHaveProperty('usage');
    // The title of the conversation is not affected.
    await whenNamed(tab, stream);
    expect(server.model.requests.slice(before).filter(({ body }) => body.stream)).toEqual([]);

    // The rest of the queue waits for its author, who is told, and may go on with another model.
    expect(state.queue.map(({ id }) => id)).toEqual([third.messageId]);
    expect(await tab.refused('queue:send', { messageId: third.messageId })).toMatchObject({ code: 'forbidden' });
    expect(stateOf(await tab.subscribe(stream)).queue).toHaveLength(1);
    await tab.command('conversation:update', { conversationId, settings: { model: 'test-model' } });
    await tab.command('message:regenerate', { ...ids(), messageId: reply?.id ?? '' });
    await until(async () => {
      const { queue, messages } = stateOf(await tab.subscribe(stream));
      return queue.length === 0 && messages.at(-1)?.status === 'completed' && messages.at(-1)?.model === 'test-model';
    }, 'everything is answered by the other model');
  });

  it('a queued message that names no model goes to one that remains', async () => {
    const tab = await server.connect(await server.signIn('Lu'));
    const release = holdNext();
    const { conversationId, stream } = await begin(tab);
    await tab.follow(stream);
    const queued = await tab.command('message:send', { ...newMessage('Second', conversationId), queue: true });
    await adminsOnly('test-model');
    release();
    await tab.event(stream, 'run.finished', ({ runId }) => runId === queued.runId);
    expect(stateOf(await tab.subscribe(stream)).messages.at(-1)).toMatchObject({
      status: 'completed',
      model: 'other-model',
    });
  });
});
