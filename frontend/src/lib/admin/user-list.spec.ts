import { expect, it } from 'vitest';
import type { AdminUser, Role } from '#protocol';
import { RequestFailed } from '../http/request-failed.ts';
import { type SendRole, UserList } from './user-list.svelte.ts';

const user = (name: string, change: Partial<AdminUser> = {}): AdminUser => ({
  id: `id-${name}`,
  name,
  email: `${name.toLowerCase()}@example.com`,
  picture: null,
  role: 'user',
  preferences: {},
  disabled: false,
  online: false,
  createdAt: 0,
  lastSeenAt: null,
  roleByProvider: false,
  ...change,
});
const ada = user('Ada', { role: 'admin' });
const grace = user('Grace');

/** Mocks the HTTP API: answers with these users and records the requests. */
function server(users: readonly AdminUser[]) {
  const asked: string[] = [];
  const api = {
    get<Data>(path: string): Promise<Data> {
      asked.push(`GET ${path}`);
      return Promise.resolve({ items: users, nextCursor: null } as Data);
    },
    patch<Data>(path: string, body: unknown): Promise<Data> {
      asked.push(`PATCH ${path} ${JSON.stringify(body)}`);
      const changed = users.find(({ id }) => path.endsWith(id));
      return Promise.resolve({ ...changed, ...(body as object) } as Data);
    },
    delete(path: string): Promise<void> {
      asked.push(`DELETE ${path}`);
      return Promise.resolve();
    },
    file(path: string): Promise<never> {
      asked.push(`GET ${path}`);
      return Promise.reject(new RequestFailed('network', 'no'));
    },
  };
  return { api, asked };
}

const fails =
  (code: RequestFailed['code']): SendRole =>
  () =>
    Promise.reject(new RequestFailed(code, 'no'));
const roles = (list: UserList): readonly Role[] => list.list.items.map(({ role }) => role);

it('sets a role over the socket', async () => {
  const { api, asked } = server([ada, grace]);
  const list = new UserList(api, ({ role }) => Promise.resolve({ ...grace, role }));
  await list.read();
  await list.setRole(grace, 'admin');
  expect(roles(list)).toEqual(['admin', 'admin']);
  expect(asked).toHaveLength(1);
  expect(list.announcement).toContain('Grace');
});

it('sets a role over HTTP when the socket is gone', async () => {
  const { api, asked } = server([ada, grace]);
  const list = new UserList(api, fails('disconnected'));
  await list.read();
  await list.setRole(grace, 'pending');
  expect(asked.at(-1)).toBe('PATCH /api/admin/users/id-Grace {"role":"pending"}');
  expect(roles(list)).toEqual(['admin', 'pending']);
});

it('[A4] explains that the last admin stays one, and does not send the command again', async () => {
  const { api, asked } = server([ada, grace]);
  const list = new UserList(api, fails('last_admin'));
  await list.read();
  await list.setRole(ada, 'user');
  expect(list.refusals.get(ada.id)).toBe('There must be at least one admin.');
  expect([roles(list), asked.length, list.changing.size]).toEqual([['admin', 'user'], 1, 0]);
});

it('follows changes that other admins make', async () => {
  const list = new UserList(server([ada, grace]).api, fails('internal'));
  await list.read();
  list.apply({ type: 'presence.changed', data: { userId: grace.id, online: true, lastSeenAt: 7 } });
  list.apply({ type: 'user.updated', data: { ...ada, disabled: true } });
  list.apply({ type: 'user.added', data: user('Alan') });
  expect(list.list.items.map(({ name, online, disabled }) => [name, online, disabled])).toEqual([
    ['Alan', false, false],
    ['Ada', false, true],
    ['Grace', true, false],
  ]);
});

it('adds no user that the search does not match', async () => {
  const { api, asked } = server([grace]);
  const list = new UserList(api, fails('internal'));
  list.query = ' grace ';
  await list.read();
  expect(asked).toEqual(['GET /api/admin/users?limit=50&q=grace']);
  list.apply({ type: 'user.added', data: user('Alan') });
  list.apply({ type: 'user.added', data: user('Gracette') });
  expect(list.list.items.map(({ name }) => name)).toEqual(['Gracette', 'Grace']);
});

it('removes a deleted account from the list, also when another admin deleted it', async () => {
  const { api, asked } = server([ada, grace]);
  const list = new UserList(api, fails('internal'));
  await list.read();
  await list.delete(grace);
  expect(asked.at(-1)).toBe('DELETE /api/admin/users/id-Grace');
  expect(list.list.items).toEqual([ada]);
  expect(list.announcement).toContain('Grace');
  list.apply({ type: 'user.deleted', data: { id: ada.id } });
  expect(list.list.items).toEqual([]);
});

it('says why an export failed, beside the user', async () => {
  const { api, asked } = server([grace]);
  const list = new UserList(api, fails('internal'));
  await list.read();
  await list.exportData(grace);
  expect(asked.at(-1)).toBe('GET /api/admin/users/id-Grace/export');
  expect(list.refusals.get(grace.id)).toMatch(/^The data could not be exported\. ./);
  expect(list.changing.size).toBe(0);
});
