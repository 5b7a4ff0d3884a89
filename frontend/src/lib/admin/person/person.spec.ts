import { describe, expect, it } from 'vitest';
import type { AdminPerson, AdminUser, AuditEntry, PersonCounts } from '#protocol';
import { RequestFailed } from '../../http/request-failed.ts';
import { UserList } from '../user-list.svelte.ts';
import { Person } from './person.svelte.ts';

const ID = '01970000-0000-7000-8000-000000000001';
const OTHER = '01970000-0000-7000-8000-000000000002';
const user: AdminUser = {
  id: ID,
  name: 'Grace',
  email: 'grace@example.com',
  picture: null,
  role: 'user',
  preferences: {},
  disabled: false,
  online: false,
  createdAt: 0,
  lastSeenAt: null,
  roleByProvider: false,
};
const session = { id: 's1', userAgent: 'Firefox', createdAt: 0, lastUsedAt: 0, current: false };
const counts: PersonCounts = {
  conversations: 1,
  messages: 2,
  month: { inputTokens: 3, outputTokens: 4 },
  currency: 'USD',
  budget: null,
};
const entry = (change: Partial<AuditEntry>): AuditEntry => ({
  id: 'e1',
  at: 0,
  actorId: null,
  actorEmail: null,
  action: 'user.disabled',
  targetId: null,
  targetEmail: null,
  address: null,
  requestId: null,
  detail: {},
  ...change,
});

/** A server with this user, which the test changes; it records the requests. */
function server() {
  const state = {
    person: { user, roleProvider: null, sessions: [session], identities: [], tokens: [] } as AdminPerson | undefined,
    refuses: undefined as RequestFailed | undefined,
  };
  const asked: string[] = [];
  const api = {
    get<Data>(path: string): Promise<Data> {
      asked.push(`GET ${path}`);
      if (path.startsWith('/api/admin/audit')) return Promise.resolve({ items: [], nextCursor: null } as Data);
      if (!state.person) return Promise.reject(new RequestFailed('not_found', ''));
      return Promise.resolve((path.endsWith('/counts') ? counts : state.person) as Data);
    },
    delete(path: string): Promise<void> {
      asked.push(`DELETE ${path}`);
      return state.refuses ? Promise.reject(state.refuses) : Promise.resolve();
    },
    patch: () => Promise.reject(new Error('not used')),
    file: () => Promise.reject(new Error('not used')),
  };
  const person = new Person(api, new UserList(api, () => Promise.reject(new Error('not used'))), ID);
  return { state, asked, person };
}
/** Lets the answers arrive. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the page of one person', () => {
  it('reads the user, the counts and the activity, and follows events about that user alone', async () => {
    const { state, asked, person } = server();
    person.read();
    await settled();
    expect(person.user).toEqual(user);
    expect(person.counts).toEqual(counts);
    person.apply({ type: 'user.updated', data: { ...user, id: OTHER, name: 'Mary' } });
    person.apply({ type: 'user.added', data: { ...user, id: OTHER } });
    person.apply({ type: 'account.changed', data: { userId: OTHER } });
    person.apply({ type: 'audit.added', data: entry({ targetId: OTHER }) });
    expect(person.user).toEqual(user);
    expect(person.activity.items).toEqual([]);
    const before = asked.length;

    state.person = state.person && { ...state.person, sessions: [] };
    person.apply({ type: 'account.changed', data: { userId: ID } });
    person.apply({ type: 'presence.changed', data: { userId: ID, online: true, lastSeenAt: 5 } });
    person.apply({ type: 'audit.added', data: entry({ targetId: ID }) });
    person.apply({ type: 'audit.added', data: entry({ id: 'e2', actorId: ID }) });
    expect(person.user?.online).toBe(true);
    await settled();
    expect(person.details?.sessions).toEqual([]);
    expect(person.activity.items.map(({ id }) => id)).toEqual(['e2', 'e1']);
    expect(asked.slice(before)).toEqual([`GET /api/admin/users/${ID}`, `GET /api/admin/users/${ID}/counts`]);
  });

  it('says when the account is gone, by an answer or by an event', async () => {
    const { state, person } = server();
    state.person = undefined;
    person.read();
    await settled();
    expect(person.isGone).toBe(true);
    const other = server();
    other.person.read();
    await settled();
    other.person.apply({ type: 'user.deleted', data: { id: OTHER } });
    expect(other.person.isGone).toBe(false);
    other.person.apply({ type: 'user.deleted', data: { id: ID } });
    expect(other.person.isGone).toBe(true);
    expect(other.person.user).toBeUndefined();
  });

  it('ends a session, all of them and a token; what has ended already is no failure', async () => {
    const { state, asked, person } = server();
    await person.endSession('s1');
    await person.endSessions('Grace');
    expect(person.announcement).toBe('All sessions of Grace have ended.');
    state.refuses = new RequestFailed('not_found', '');
    await person.endToken('t1');
    expect(asked.filter((line) => line.startsWith('DELETE'))).toEqual([
      `DELETE /api/admin/users/${ID}/sessions/s1`,
      `DELETE /api/admin/users/${ID}/sessions`,
      `DELETE /api/admin/users/${ID}/tokens/t1`,
    ]);
    expect(person.refusals.size).toBe(0);
    state.refuses = new RequestFailed('network', '');
    await person.endSession('s1');
    expect(person.refusals.get('s1')).toMatch(/\.$/);
    expect(person.ending.size).toBe(0);
  });
});
