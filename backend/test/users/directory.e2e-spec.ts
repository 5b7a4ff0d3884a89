import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthServer, person, type SignedIn } from '../auth/auth-server.js';
import { AdminRoutes, idOf, signInAs } from './people.js';

const NAMES = ['Zoë Ümlaut', 'Ångström', 'Иван', '100% sure', 'under_score', String.raw`back\slash`, 'plain'];

describe('the list of users', () => {
  let server: AuthServer;
  let admin: AdminRoutes;
  const people: SignedIn[] = [];
  beforeAll(async () => {
    server = await AuthServer.start();
    admin = new AdminRoutes(server, await signInAs(server, 'ada', 'admin'));
    for (const [at, name] of NAMES.entries()) {
      people.push(await server.signIn({ ...person(`person${at}`), name }));
    }
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const found = async (q: string): Promise<string[]> => (await admin.users({ q })).items.map(({ name }) => name);

  it('shows the newest first, without secrets', async () => {
    const { items, nextCursor } = await admin.users();
    expect(items.map(({ name }) => name)).toEqual([...NAMES.toReversed(), 'ada']);
    expect(nextCursor).toBeNull();
    expect(Object.keys(items[0] ?? {}).sort()).toEqual([
      'createdAt',
      'disabled',
      'email',
      'id',
      'lastSeenAt',
      'name',
      'online',
      'picture',
      'preferences',
      'role',
      'roleByProvider',
    ]);
  });

  it.each([
    ['zoë', ['Zoë Ümlaut']],
    ['ÜMLAUT', ['Zoë Ümlaut']],
    ['ångSTRÖM', ['Ångström']],
    ['ИВАН', ['Иван']],
    ['PERSON3@', ['100% sure']],
    ['%', ['100% sure']],
    ['_', ['under_score']],
    ['\\', [String.raw`back\slash`]],
    ["' or 1=1 --", []],
    ['   ', [...NAMES.toReversed(), 'ada']],
  ])('finds names and e-mails in any case, with wildcards as literals: %p', async (q, names) => {
    expect(await found(q)).toEqual(names);
  });

  it('finds a changed name', async () => {
    const [first] = people;
    const init = { method: 'PATCH', body: JSON.stringify({ name: 'Renamed' }) };
    await server.fetch('/api/profile/me', first?.grant.accessToken, init);
    expect(await found('renamed')).toEqual(['Renamed']);
    expect(await found('zoë')).toEqual([]);
  });

  it('has pages that neither skip nor repeat users, also while users join', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await admin.users({ limit: '3', ...(cursor !== null && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await server.signIn(`joins${seen.length}`);
    } while (cursor !== null);
    expect(seen).toHaveLength(NAMES.length + 1);
    expect(new Set(seen)).toEqual(new Set([...people.map(idOf), (await admin.users({ q: 'ada@' })).items[0]?.id]));
  });

  it.each<Record<string, string>>([
    { limit: '0' },
    { limit: '101' },
    { limit: 'many' },
    { cursor: 'nonsense' },
    { cursor: 'AAAAAAAAAAAAAAAAAAAAAQ' },
    { q: 'x'.repeat(201) },
    { order: 'email' },
  ])('refuses %p', async (query) => {
    const response = await admin.get('users', query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad_request' });
  });

  it('works the same for the audit', async () => {
    for (const { grant } of people) await admin.change(grant.user.id, { role: 'pending' });
    const all = (await admin.audit()).items.map(({ id }) => id);
    const first = await admin.audit({ limit: '5' });
    const second = await admin.audit({ limit: '100', cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(all);
    expect(second.nextCursor).toBeNull();
  });
});
