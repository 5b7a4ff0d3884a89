import { afterAll, beforeAll, expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Role } from '../../src/protocol/index.js';
import { User } from '../../src/users/user.entity.js';
import { Database } from '../../src/database/database.js';
import type { TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { COMMANDS } from './access/commands.js';
import { ROUTES } from './access/routes.js';
import { type Actor, createActors } from './support/actors.js';
import { attacks } from './support/family.js';
import { type LiveRoute, liveRoutes } from './support/generated.js';

/** Each route and each command, by each kind of caller: what the table does not allow must be refused before anything else. */
const stops = attacks('authorization');

let server: TestServer;
let actors: Actor[];
beforeAll(async () => {
  server = await TestServer.start();
  actors = await createActors(server);
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const withTokens = (): LiveRoute[] => liveRoutes().filter(({ security }) => security === 'accessToken');

/** A request that is complete enough to be refused only for its caller, or for its body. */
function ask({ method, path }: LiveRoute, bearer: string | undefined): Promise<Response> {
  const address = path.replaceAll(/:\w+/g, randomUUID());
  const hasBody = method !== 'GET' && method !== 'DELETE';
  return server.fetch(address, bearer === undefined ? undefined : { token: bearer }, {
    method,
    ...(hasBody && { body: '{"no such key":1}' }),
  });
}

stops('every caller whom a route is not for, and no other', async (attack) => {
  for (const route of withTokens()) {
    const access = ROUTES[route.name];
    if (!access) continue;
    for (const { name, bearer, refusal } of actors) {
      const expected = refusal(access);
      // These would succeed without any input, and change who is signed in.
      if (expected === undefined && ['POST /api/auth/logout'].includes(route.name)) continue;
      await attack(`${route.name} by ${name}`, async () => {
        const { status } = await ask(route, bearer);
        if (expected === undefined) expect([401, 403, 500]).not.toContain(status);
        else expect(status).toBe(expected);
      });
    }
  }
});

stops('a session without its cookie, and metrics without their token', async (attack) => {
  for (const { bearer, name } of actors) {
    await attack(`POST /api/auth/refresh by ${name}`, async () => {
      const init = { method: 'POST', body: '{}' };
      const response = await server.fetch(
        '/api/auth/refresh',
        bearer === undefined ? undefined : { token: bearer },
        init,
      );
      expect(response.status).toBe(401);
      expect(response.headers.getSetCookie().filter((cookie) => !/=;/.test(cookie))).toEqual([]);
    });
    await attack(`GET /metrics by ${name}`, async () => {
      expect((await ask({ method: 'GET', path: '/metrics' } as LiveRoute, bearer)).status).toBe(404);
    });
  }
});

stops('an access token in any other place than its header', async (attack) => {
  const admin = actors.find(({ name }) => name === 'an admin')?.bearer ?? '';
  const places: readonly (readonly [string, string, Record<string, string>])[] = [
    ['the query', `?access_token=${admin}&token=${admin}`, {}],
    ['a cookie', '', { cookie: `access_token=${admin}; lockstep-refresh=${admin}; __Host-lockstep-refresh=${admin}` }],
    ['another scheme', '', { authorization: `Basic ${Buffer.from(`x:${admin}`).toString('base64')}` }],
    ['a header of its own', '', { 'x-access-token': admin, 'x-authorization': `Bearer ${admin}` }],
    ['two values', '', { authorization: `Bearer made-up, Bearer ${admin}` }],
    ['the header of a proxy', '', { 'x-forwarded-user': 'admin', 'x-user-id': randomUUID(), 'x-real-ip': '127.0.0.1' }],
  ];
  for (const route of withTokens()) {
    for (const [what, query, headers] of places) {
      await attack(`${route.name} with it in ${what}`, async () => {
        const address = route.path.replaceAll(/:\w+/g, randomUUID());
        const response = await fetch(`${server.url}${address}${query}`, { method: route.method, headers });
        expect(response.status).toBe(401);
      });
    }
  }
});

stops('every role that a command is not for, and no other', async (attack) => {
  const roles: readonly Role[] = ['pending', 'user', 'admin'];
  const tabs = new Map<Role, TestClient>();
  for (const role of roles) tabs.set(role, await server.connect(await server.signIn(`Tab of ${role}`, role)));
  for (const [name, access] of Object.entries(COMMANDS)) {
    for (const [role, tab] of tabs) {
      const isAllowed = access.security === 'anyone' || access.roles.includes(role);
      await attack(`${name} by ${role}`, async () => {
        const { code } = await tab.refused(name, { 'no such key': 1 });
        expect(code).toBe(isAllowed ? 'bad_request' : 'forbidden');
      });
    }
  }
});

stops('a role from being kept by a socket that was opened with it', async (attack) => {
  const person = await server.signIn('Fallen', 'admin');
  const tab = await server.connect(person);
  await server.get(Database).write((em) => em.nativeUpdate(User, { id: person.userId }, { role: 'pending' }));
  for (const [name, access] of Object.entries(COMMANDS)) {
    if (access.security === 'anyone' || access.roles.includes('pending')) continue;
    await attack(name, async () => expect(await tab.refused(name, {})).toMatchObject({ code: 'forbidden' }));
  }
});
