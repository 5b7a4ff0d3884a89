import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import {
  type AuditEntry,
  type BudgetedPerson,
  type Page,
  type RoleBudgetList,
  teamStream,
  userStream,
} from '../../src/protocol/index.js';
import { User } from '../../src/users/user.entity.js';
import { UsersService } from '../../src/users/users.service.js';
import { says } from '../../testing/model/script.js';
import { begin, newMessage, whenEnded } from '../support/conversation.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { budgetOf, putBudget, setBudget, tokens, used } from './budgets.js';

const UNKNOWN = '00000000-0000-7000-8000-000000000000';
const DAY_MS = 86_400_000;

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start({ MODEL_PRICES: '{"test-model": {"input": 2, "output": 8}}', PRICE_CURRENCY: 'EUR' });
  ada = await server.signIn('Ada', 'admin');
});
afterAll(() => server[Symbol.asyncDispose]());

const set = (subject: string | TestPerson, budget: Parameters<typeof setBudget>[3]) =>
  setBudget(server, ada, subject, budget);
const json = async <T>(path: string): Promise<T> => (await (await server.fetch(path, ada)).json()) as T;
const rolesList = () => json<RoleBudgetList>('/api/admin/budgets/roles');
const people = (q: string) => json<Page<BudgetedPerson>>(`/api/admin/budgets/people?q=${q}`);
const audit = async (limit: number) => (await json<Page<AuditEntry>>(`/api/admin/audit?limit=${limit}`)).items;

describe('a budget', () => {
  it('[A5] is set for a role and for a person, whose own one wins, and every change is audited', async () => {
    const bob = await server.signIn('Bob');
    expect((await budgetOf(server, bob)).standing).toBeNull();
    expect(await rolesList()).toEqual({
      items: [
        { role: 'user', budget: null },
        { role: 'admin', budget: null },
      ],
      currency: 'EUR',
      unpriced: ['other-model'],
      nextCursor: null,
    });

    await set('user', tokens(50_000, 900_000));
    const midnight = (at: number): boolean => at % DAY_MS === 0 && at > Date.now();
    const { standing, currency } = await budgetOf(server, bob);
    expect([standing, currency]).toEqual([
      {
        unit: 'tokens',
        day: { limit: 50_000, used: 0, reserved: 0, resetsAt: expect.any(Number) },
        month: { limit: 900_000, used: 0, reserved: 0, resetsAt: expect.any(Number) },
      },
      'EUR',
    ]);
    expect(midnight(standing?.day?.resetsAt ?? 1)).toBe(true);
    expect(new Date(standing?.month?.resetsAt ?? 1).toISOString()).toMatch(/-01T00:00:00.000Z$/);
    expect((await budgetOf(server, ada)).standing).toBeNull();

    await set(bob, { unit: 'money', day: 2_000_000, month: null });
    expect((await budgetOf(server, bob)).standing).toMatchObject({
      unit: 'money',
      day: { limit: 2_000_000 },
      month: null,
    });
    expect((await rolesList()).items[0]).toEqual({ role: 'user', budget: tokens(50_000, 900_000) });
    // Without both limits it is an exception from that of the role.
    await set(bob, tokens(null));
    expect((await budgetOf(server, bob)).standing).toEqual({ unit: 'tokens', day: null, month: null });
    await set(bob, null);
    expect((await budgetOf(server, bob)).standing).toMatchObject({ unit: 'tokens', day: { limit: 50_000 } });
    // Nothing changes, so nothing is recorded.
    await set(bob, null);
    expect(await audit(4)).toMatchObject([
      { action: 'budget.set', actorEmail: 'ada@example.com', targetEmail: 'bob@example.com', detail: { to: null } },
      { action: 'budget.set', targetEmail: 'bob@example.com', detail: { to: tokens(null) } },
      { targetEmail: 'bob@example.com', detail: { from: null, to: { unit: 'money', day: 2_000_000, month: null } } },
      { targetEmail: null, detail: { role: 'user', from: null, to: tokens(50_000, 900_000) } },
    ]);
    await set('user', null);
  });

  it('is shown live: to admins, to everybody with the role, and to the person', async () => {
    const cy = await server.signIn('Cy');
    const [ofCy, ofAda] = [await server.connect(cy), await server.connect(ada)];
    await ofCy.subscribe(userStream(cy.userId));
    await ofCy.subscribe(teamStream('user'));
    await ofAda.subscribe('admin');
    await set('user', tokens(1_000));
    await ofCy.event(teamStream('user'), 'budget.changed');
    await ofAda.event('admin', 'budget.set', (data) => 'role' in data && data.budget?.day === 1_000);
    expect(ofCy.eventsOf(userStream(cy.userId))).toHaveLength(0);
    await set(cy, tokens(2_000));
    await ofCy.event(userStream(cy.userId), 'budget.changed');
    const user = { id: cy.userId, name: 'Cy', email: 'cy@example.com' };
    expect(await ofAda.event('admin', 'budget.set', (data) => 'user' in data)).toEqual({ user, budget: tokens(2_000) });
    await set('user', null);
  });

  it('is listed for admins with what is left, by search', async () => {
    const dee = await server.signIn('Deedee');
    await set(dee, tokens(10_000));
    const tab = await server.connect(dee);
    server.model.next(says(['Yes'], used(30, 12)));
    const { stream } = await begin(tab);
    await whenEnded(tab, stream);
    expect(await people('deedee')).toEqual({
      items: [
        {
          user: { id: dee.userId, name: 'Deedee', email: 'deedee@example.com' },
          role: 'user',
          budget: tokens(10_000),
          standing: {
            unit: 'tokens',
            day: { limit: 10_000, used: 42, reserved: 0, resetsAt: expect.any(Number) },
            month: null,
          },
        },
      ],
      nextCursor: null,
    });
    expect(await budgetOf(server, dee)).toMatchObject({ standing: { day: { used: 42 } } });
  });

  it('follows the role of the person from the next message on', async () => {
    const eve = await server.signIn('Eve');
    const tab = await server.connect(eve);
    await set('user', tokens(0));
    expect(await tab.refused('message:send', newMessage())).toMatchObject({ code: 'budget_exceeded' });
    await tab.subscribe(userStream(eve.userId));
    await server.get(UsersService).change(null, eve.userId, { role: 'admin' });
    // Its sentence goes, too.
    await tab.event(
      userStream(eve.userId),
      'user.updated',
      (user) => user.role === 'admin' && !('budgetResetsAt' in user),
    );
    await begin(tab);
    await set('user', null);
  });

  it('ends with the account of its person', async () => {
    const fay = await server.signIn('Fay');
    await set(fay, tokens(5));
    await server.get(Database).write((em) => em.nativeDelete(User, { id: fay.userId }));
    expect((await people('fay')).items).toEqual([]);
  });

  it('is refused in a bad form with the key, for unknown people, and to other roles', async () => {
    const gus = await server.signIn('Gus');
    const put = (subject: string, body: unknown, person = ada) => putBudget(server, person, subject, body);
    const day = 5;
    for (const [key, subject, body] of [
      ['budget', 'roles/user', {}],
      ['budget.unit', 'roles/user', { budget: { unit: 'hours', day, month: null } }],
      ['budget.day', 'roles/user', { budget: { unit: 'tokens', day: -1, month: null } }],
      ['budget.day', 'roles/user', { budget: { unit: 'tokens', day: 1.5, month: null } }],
      ['budget.day', 'roles/user', { budget: { unit: 'tokens', day: 1e15 + 1, month: null } }],
      ['budget.month', 'roles/user', { budget: { unit: 'tokens', day } }],
      ['budget', 'roles/user', { budget: { ...tokens(1), week: 3 } }],
      ['Invalid', 'roles/pending', { budget: null }],
      ['Invalid', 'people/gus', { budget: null }],
    ] as const) {
      const response = await put(subject, body);
      expect([key, response.status]).toEqual([key, 400]);
      expect(((await response.json()) as { detail: string }).detail).toContain(key);
    }
    expect((await put(`people/${UNKNOWN}`, { budget: tokens(1) })).status).toBe(404);
    expect((await put('roles/user', { budget: tokens(1) }, gus)).status).toBe(403);
    for (const path of ['roles', 'people']) {
      expect((await server.fetch(`/api/admin/budgets/${path}`, gus)).status).toBe(403);
    }
    expect((await budgetOf(server, gus)).standing).toBeNull();
  });
});
