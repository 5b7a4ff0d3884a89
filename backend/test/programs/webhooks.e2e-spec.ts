import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { ADMIN_STREAM, type AuditEntry, MAX_WEBHOOKS, type Page, userStream } from '../../src/protocol/index.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { Accounts } from '../../src/users/accounts.js';
import { UsersService } from '../../src/users/users.service.js';
import { addTest } from '../../src/webhooks/outbox.js';
import { Webhook } from '../../src/webhooks/webhook.entity.js';
import { says } from '../../testing/model/script.js';
import { begin, whenEnded } from '../support/conversation.js';
import { passTime } from '../support/pass-time.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { createToken } from './programs.js';
import { addWebhook, ask, deliveriesOf, isSigned, postWebhook, verified, WebhookReceiver } from './webhook-receiver.js';

const DAY_MS = 86_400_000;
const EVERYBODY = { scope: 'everybody', events: ['run.finished', 'user.added'] };

describe('a webhook', () => {
  let server: TestServer;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    server = await TestServer.start({ WEBHOOK_PRIVATE: 'on' });
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await server.get(Database).write(async (em) => void (await em.nativeDelete(Webhook, {})));
    await receiver[Symbol.asyncDispose]();
  });

  const listOf = async (person: TestPerson, scope = 'own') =>
    (await ask(server, person, 'GET', `?scope=${scope}`)).body.items;
  const auditOf = async (admin: TestPerson): Promise<readonly AuditEntry[]> =>
    ((await (await server.fetch('/api/admin/audit', admin)).json()) as Page<AuditEntry>).items;
  const runOf = async (person: TestPerson, text = 'A secret question') => {
    const tab = await server.connect(person);
    server.model.next(says(['A secret answer'], { usage: { prompt_tokens: 12, completion_tokens: 3 } }));
    const begun = await begin(tab, text);
    await whenEnded(tab, begun.stream);
    return begun;
  };

  it('is told of a run of its user, signed as in Standard Webhooks and without any text', async () => {
    const ada = await server.signIn('Ada');
    const { id, secret } = await addWebhook(server, ada, receiver.url);
    const { conversationId, runId } = await runOf(ada);
    const [received] = await receiver.count(1);
    if (!received) throw new Error('nothing was received');
    expect(verified(received, secret)).toEqual({
      type: 'run.finished',
      timestamp: expect.any(String),
      data: {
        runId,
        conversationId,
        messageId: expect.any(String),
        userId: ada.userId,
        model: 'test-model',
        status: 'completed',
        errorCode: null,
        inputTokens: 12,
        outputTokens: 3,
        costMicros: null,
      },
    });
    expect(received.body).not.toMatch(/secret/);
    expect(received.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Lockstep' });
    const [delivery] = await deliveriesOf(server, ada, id);
    expect(received.headers['webhook-id']).toBe(`msg_${delivery?.id}`);
    expect(() => verified({ ...received, body: `${received.body} ` }, secret)).toThrow('No matching signature');
  });

  it('is told of a call without a conversation, whose ids are null', async () => {
    const ada = await server.signIn('Ada');
    const { secret } = await addWebhook(server, ada, receiver.url);
    const { token } = await createToken(server, ada);
    server.model.next(says(['Hello'], { usage: { prompt_tokens: 5, completion_tokens: 1 } }));
    const body = JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content: 'Hi' }] });
    await server.fetch('/v1/chat/completions', { token }, { method: 'POST', body });
    const [received] = await receiver.count(1);
    const data = { conversationId: null, messageId: null, userId: ada.userId, status: 'completed', inputTokens: 5 };
    expect(received && verified(received, secret)).toMatchObject({ type: 'run.finished', data });
  });

  it('of an admin is told of the runs of all users and of new users, and one of a user of nothing else', async () => {
    const boss = await server.signIn('Boss', 'admin');
    const ada = await server.signIn('Ada');
    const bob = await server.signIn('Bob');
    const others = await WebhookReceiver.start();
    await addWebhook(server, bob, others.url);
    const { secret } = await addWebhook(server, boss, receiver.url, EVERYBODY);
    await runOf(ada);
    const identity = { issuer: 'https://id.example.org', subject: 'eve', email: 'eve@example.com', name: 'Eve' };
    const { id: userId } = await server.get(Accounts).signIn({ ...identity, picture: null });
    const all = (await receiver.count(2)).map((received) => verified(received, secret));
    expect(all.map(({ type }) => type).toSorted()).toEqual(['run.finished', 'user.added']);
    expect(all.find(({ type }) => type === 'user.added')?.data).toEqual({ userId, role: 'user' });
    expect(all.find(({ type }) => type === 'run.finished')?.data).toMatchObject({ userId: ada.userId });
    expect(others.received).toEqual([]);
    await others[Symbol.asyncDispose]();
  });

  it('stops with its user: disabled, or no admin any more', async () => {
    const boss = await server.signIn('Boss', 'admin');
    await server.signIn('Other', 'admin');
    const ada = await server.signIn('Ada');
    await addWebhook(server, boss, receiver.url, EVERYBODY);
    const own = await WebhookReceiver.start();
    await addWebhook(server, ada, own.url);
    await server.get(UsersService).change(null, boss.userId, { role: 'user' });
    await runOf(ada);
    await own.count(1);
    await server.get(UsersService).change(null, boss.userId, { role: 'admin', disabled: true });
    await runOf(ada);
    await own.count(2);
    expect(receiver.received).toEqual([]);
    await own[Symbol.asyncDispose]();
  });

  it('shows its secret once, encrypts it, and signs with the former one for a day after it was replaced', async () => {
    const ada = await server.signIn('Ada');
    const { id, secret: former, ...view } = await addWebhook(server, ada, receiver.url);
    expect(former).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await listOf(ada)).toEqual([{ id, ...view }]);
    const row = await server.get(Database).read((em) => em.findOneOrFail(Webhook, { id }));
    expect(JSON.stringify(row)).not.toContain(former.slice('whsec_'.length));

    const { secret } = (await ask(server, ada, 'POST', `/${id}/secret`)).body;
    expect(secret).not.toBe(former);
    await ask(server, ada, 'POST', `/${id}/test`);
    const [both] = await receiver.count(1);
    expect(both && [verified(both, secret), verified(both, former)].map(({ type }) => type)).toEqual([
      'webhook.test',
      'webhook.test',
    ]);
    passTime(server.get(Database).clock, DAY_MS);
    // Not over HTTP: the session has ended.
    await server.get(EventLog).write((transaction) => addTest(transaction, id));
    const [, later] = await receiver.count(2);
    expect(later && [isSigned(later, secret), isSigned(later, former)]).toEqual([true, false]);
  });

  it('and its deliveries change live in open tabs: those of a user, or of all admins', async () => {
    const boss = await server.signIn('Boss', 'admin');
    const ada = await server.signIn('Ada');
    const tab = await server.connect(ada);
    const stream = userStream(ada.userId);
    await tab.subscribe(stream);
    const { secret, ...view } = await addWebhook(server, ada, receiver.url);
    expect(await tab.event(stream, 'webhook.changed')).toEqual(view);
    await ask(server, ada, 'POST', `/${view.id}/test`);
    expect(await tab.event(stream, 'webhook.delivery', ({ status }) => status === 'delivered')).toMatchObject({
      webhookId: view.id,
      type: 'webhook.test',
      attempts: 1,
      answerStatus: 204,
      dueAt: null,
    });
    await ask(server, ada, 'DELETE', `/${view.id}`);
    expect(await tab.event(stream, 'webhook.removed')).toEqual({ webhookId: view.id });
    expect(JSON.stringify(tab.eventsOf(stream))).not.toContain(secret);

    const bossTab = await server.connect(boss);
    await bossTab.subscribe(ADMIN_STREAM);
    const { id } = await addWebhook(server, boss, receiver.url, EVERYBODY);
    expect(await bossTab.event(ADMIN_STREAM, 'webhook.changed')).toMatchObject({ id, ownerEmail: 'boss@example.com' });
  });

  it('[A3] is only for its user; one for everybody is for all admins', async () => {
    const boss = await server.signIn('Boss', 'admin');
    const other = await server.signIn('Other', 'admin');
    const ada = await server.signIn('Ada');
    const own = await addWebhook(server, ada, receiver.url);
    const shared = await addWebhook(server, boss, receiver.url, EVERYBODY);
    expect((await listOf(other, 'everybody')).map(({ id }) => id)).toEqual([shared.id]);
    expect((await ask(server, ada, 'GET', '?scope=everybody')).status).toBe(403);
    expect((await postWebhook(server, ada, { name: 'x', url: receiver.url, ...EVERYBODY })).status).toBe(403);
    for (const [person, { id }] of [
      [boss, own],
      [ada, shared],
    ] as const) {
      const paths = [
        ['PATCH', `/${id}`, { on: false }],
        ['DELETE', `/${id}`],
        ['POST', `/${id}/secret`],
        ['POST', `/${id}/test`],
        ['GET', `/${id}/deliveries`],
      ] as const;
      for (const [method, path, body] of paths) {
        expect([method, path, (await ask(server, person, method, path, body)).status]).toEqual([method, path, 404]);
      }
    }
    expect((await ask(server, other, 'PATCH', `/${shared.id}`, { name: 'Taken over' })).status).toBe(200);
  });

  it('is closed to access tokens', async () => {
    const ada = await server.signIn('Ada');
    const { token } = await createToken(server, ada);
    expect((await server.fetch('/api/webhooks', { token })).status).toBe(403);
    const body = JSON.stringify({ name: 'x', url: receiver.url, events: ['run.finished'] });
    expect((await server.fetch('/api/webhooks', { token }, { method: 'POST', body })).status).toBe(403);
  });

  it('[A5] leaves audit entries, which name its host and not its whole address', async () => {
    const boss = await server.signIn('Boss', 'admin');
    const { id } = await addWebhook(server, boss, `${receiver.url}?key=hidden`, EVERYBODY);
    await ask(server, boss, 'PATCH', `/${id}`, { on: false });
    await ask(server, boss, 'POST', `/${id}/secret`);
    await ask(server, boss, 'DELETE', `/${id}`);
    const entries = (await auditOf(boss)).slice(0, 4);
    expect(entries.map(({ action }) => action)).toEqual([
      'webhook.removed',
      'webhook.secret_rolled',
      'webhook.changed',
      'webhook.added',
    ]);
    expect(entries[2]?.detail).toMatchObject({ host: `127.0.0.1:${receiver.port}`, status: 'off' });
    expect(JSON.stringify(entries)).not.toContain('hidden');
  });

  it('is one of at most ten of a user', async () => {
    const ada = await server.signIn('Ada');
    const wanted = { name: 'One more', url: receiver.url, events: ['run.finished'] };
    await Promise.all(Array.from({ length: MAX_WEBHOOKS - 1 }, () => addWebhook(server, ada, receiver.url)));
    const both = await Promise.all([postWebhook(server, ada, wanted), postWebhook(server, ada, wanted)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 400]);
  });

  it.each([
    ['no event', { events: [] }],
    ['an unknown event', { events: ['message.added'] }],
    ['the same event twice', { events: ['run.finished', 'run.finished'] }],
    ['an event for admins', { events: ['user.added'] }],
    ['another scheme', { url: 'ftp://127.0.0.1/' }],
    ['no address', { url: 'hooks' }],
    ['a password in its address', { url: 'https://ada:secret@127.0.0.1/' }],
    ['a long address', { url: `https://127.0.0.1/${'a'.repeat(2_000)}` }],
    ['an unknown key', { secret: 'whsec_AAAA' }],
  ])('is not added with %s', async (_what, wrong) => {
    const ada = await server.signIn('Ada');
    const wanted = { name: 'Receiver', url: receiver.url, events: ['run.finished'], ...wrong };
    expect((await postWebhook(server, ada, wanted)).status).toBe(400);
    expect(await listOf(ada)).toEqual([]);
  });
});
