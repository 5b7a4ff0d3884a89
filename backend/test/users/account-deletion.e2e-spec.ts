import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation } from '../../src/chat/conversations/conversation.entity.js';
import { AccountDeletions } from '../../src/chat/privacy/account-deletions.js';
import { Message } from '../../src/chat/messages/message.entity.js';
import { UsageEntry } from '../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../src/database/database.js';
import type { AdminUser, AuditEntry, Page } from '../../src/protocol/index.js';
import { Accounts } from '../../src/users/accounts.js';
import { Identity } from '../../src/users/identity.entity.js';
import { User } from '../../src/users/user.entity.js';
import { says } from '../../testing/model/script.js';
import { begin, lastText, stateOf, whenEnded } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

describe('deleting an account', () => {
  let server: TestServer;
  let root: TestPerson;
  beforeAll(async () => {
    server = await TestServer.start();
    root = await server.signIn('Root', 'admin');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const remove = (who: TestPerson, email: string) =>
    server.fetch('/api/profile/me', who, { method: 'DELETE', body: JSON.stringify({ email }) });
  const removeBy = (actor: TestPerson, userId: string) =>
    server.fetch(`/api/admin/users/${userId}`, actor, { method: 'DELETE' });
  const rowsOf = (userId: string) =>
    server.get(Database).read(async (em) => ({
      users: await em.count(User, { id: userId }),
      conversations: await em.count(Conversation, { userId }),
      messages: await em.count(Message, { userId }),
      usage: await em.count(UsageEntry, { userId }),
    }));
  const audit = async (): Promise<readonly AuditEntry[]> =>
    ((await (await server.fetch('/api/admin/audit', root)).json()) as Page<AuditEntry>).items;

  it('ends sessions and replies at once, removes everything, and tells every tab why', async () => {
    const ada = await server.signIn('Ada');
    const tabs = [await server.connect(ada), await server.connect(ada)];
    const admin = await server.connect(root);
    await admin.subscribe('admin');
    for (const tab of tabs) await tab.subscribe(`user:${ada.userId}`);
    const [tab] = tabs;
    if (!tab) throw new Error('There is no tab');
    server.model.next(says(['Yes']));
    const ended = await begin(tab, 'A question');
    await whenEnded(tab, ended.stream);
    let isClosed = false;
    server.model.next(async (answer) => {
      await answer.text('The beginning');
      await answer.stall();
      isClosed = answer.isClosed;
    });
    const running = await begin(tab, 'Another question');
    await until(async () => lastText(stateOf(await tab.subscribe(running.stream))) !== '', 'the text has begun');
    const totals = await server.get(Database).read((em) => em.count(UsageEntry));

    expect((await remove(ada, 'ADA@example.com ')).status).toBe(204);
    for (const one of tabs) {
      expect(await one.event(`user:${ada.userId}`, 'user.deleted')).toEqual({ id: ada.userId });
      await until(() => one.disconnectReason !== undefined, 'the socket is closed');
    }
    expect(await admin.event('admin', 'user.deleted')).toEqual({ id: ada.userId });
    await until(() => isClosed, 'the model is not asked any longer');
    expect((await server.fetch('/api/profile/me', ada)).status).toBe(401);
    expect(await rowsOf(ada.userId)).toEqual({ users: 0, conversations: 0, messages: 0, usage: 0 });
    // The usage stays without a name, and the stopped reply adds to it.
    expect(await server.get(Database).read((em) => em.count(UsageEntry))).toBeGreaterThanOrEqual(totals);
    expect(await server.get(Database).read((em) => em.count(UsageEntry, { userId: null }))).toBeGreaterThan(0);
    const act = { action: 'user.deleted', actorId: ada.userId, targetId: ada.userId, targetEmail: 'ada@example.com' };
    expect(await audit()).toContainEqual(expect.objectContaining(act));
  });

  it('needs the e-mail of the account', async () => {
    const bob = await server.signIn('Bob');
    for (const email of ['', 'root@example.com', 'bob']) expect((await remove(bob, email)).status).toBe(400);
    expect((await server.fetch('/api/profile/me', bob, { method: 'DELETE' })).status).toBe(400);
    expect((await rowsOf(bob.userId)).users).toBe(1);
    expect((await server.fetch('/api/profile/me', bob)).status).toBe(200);
  });

  it('is refused for the last admin, by themselves or by another way, and recorded (A4)', async () => {
    expect((await remove(root, 'root@example.com')).status).toBe(409);
    expect(await (await removeBy(root, root.userId)).json()).toMatchObject({ code: 'last_admin' });
    expect((await rowsOf(root.userId)).users).toBe(1);
    const refused = { action: 'admin.refused', detail: { reason: 'last_admin', act: 'delete' } };
    expect((await audit()).filter(({ detail }) => detail['act'] === 'delete')).toMatchObject([refused, refused]);
    const second = await server.signIn('Second', 'admin');
    expect((await remove(second, 'second@example.com')).status).toBe(204);
  });

  it('of two admins who delete each other at the same time, one stays (A4)', async () => {
    await using small = await TestServer.start();
    const [one, two] = [await small.signIn('One', 'admin'), await small.signIn('Two', 'admin')];
    const statuses = await Promise.all([
      small.fetch(`/api/admin/users/${two.userId}`, one, { method: 'DELETE' }),
      small.fetch(`/api/admin/users/${one.userId}`, two, { method: 'DELETE' }),
    ]);
    expect(statuses.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(await small.get(Database).read((em) => em.count(User, { role: 'admin' }))).toBe(1);
  });

  it('is for admins only where it is about others', async () => {
    const [cleo, dora] = [await server.signIn('Cleo'), await server.signIn('Dora')];
    expect((await removeBy(cleo, dora.userId)).status).toBe(403);
    expect((await removeBy(root, dora.userId)).status).toBe(204);
    expect((await removeBy(root, dora.userId)).status).toBe(404);
    expect((await server.fetch('/api/profile/me', dora)).status).toBe(401);
    const act = { action: 'user.deleted', actorEmail: 'root@example.com', targetEmail: 'dora@example.com' };
    expect(await audit()).toContainEqual(expect.objectContaining(act));
  });

  it('that was interrupted stays hidden, and is finished later', async () => {
    const eve = await server.signIn('Eve');
    const tab = await server.connect(eve);
    server.model.next(says(['Yes']));
    const { stream } = await begin(tab);
    await whenEnded(tab, stream);
    await server
      .get(Database)
      .write((em) => em.nativeUpdate(User, { id: eve.userId }, { deletingSince: 1, disabled: true }));
    const { items } = (await (await server.fetch('/api/admin/users?q=eve@', root)).json()) as Page<AdminUser>;
    expect(items).toEqual([]);
    await server.get(AccountDeletions).resume();
    expect(await rowsOf(eve.userId)).toEqual({ users: 0, conversations: 0, messages: 0, usage: 0 });
  });

  it('lets the person begin anew, with an account that knows nothing of the old one', async () => {
    const fay = await server.signIn('Fay');
    const identity = { issuer: 'test', subject: 'fay', email: 'fay@example.com', name: 'Fay', picture: null };
    const row = { issuer: 'test', subject: 'fay', userId: fay.userId, createdAt: 1 };
    await server.get(Database).write((em) => em.insert(Identity, row));
    expect((await server.get(Accounts).signIn(identity)).id).toBe(fay.userId);
    await remove(fay, 'fay@example.com');
    const again = await server.get(Accounts).signIn(identity);
    expect(again.id).not.toBe(fay.userId);
    expect(again.disabled).toBe(false);
  });
});
