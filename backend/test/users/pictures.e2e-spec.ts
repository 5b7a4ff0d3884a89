import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { drawPicture } from '../../dev/provider/picture.js';
import { Database } from '../../src/database/database.js';
import type { AdminUser, Page, User } from '../../src/protocol/index.js';
import { Accounts } from '../../src/users/accounts.js';
import { Identity } from '../../src/users/identity.entity.js';
import { Pictures } from '../../src/users/pictures/pictures.js';
import { HttpServer } from '../../testing/http-server.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const [first, second] = [drawPicture('1'), drawPicture('2')];

interface Named extends TestPerson {
  readonly name: string;
}

describe('the picture of a person', () => {
  let server: TestServer;
  let provider: HttpServer;
  let answer: (response: ServerResponse) => unknown;
  let asked: number;
  beforeAll(async () => {
    provider = await HttpServer.start((_request, response) => {
      asked += 1;
      answer(response);
    });
    server = await TestServer.start();
  });
  beforeEach(() => {
    asked = 0;
    answer = (response) => response.end(first);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  async function person(name: string): Promise<Named> {
    const signedIn = await server.signIn(name);
    const identity = { issuer: 'test', subject: name, userId: signedIn.userId, createdAt: 1 };
    await server.get(Database).write((em) => em.insert(Identity, identity));
    return { ...signedIn, name };
  }

  /** Signs in at the provider again; `path` is that of the picture there. */
  const signIn = ({ name }: Named, path: string | null) =>
    server.get(Accounts).signIn({
      issuer: 'test',
      subject: name,
      email: `${name.toLowerCase()}@example.com`,
      name,
      picture: path === null ? null : `${provider.url}${path}`,
    });

  /** The picture after a sign-in, once it has been fetched. */
  async function after(who: Named, path: string | null): Promise<string | null> {
    await signIn(who, path);
    await server.get(Pictures).settled();
    const me = (await (await server.fetch('/api/profile/me', who)).json()) as User;
    return me.picture;
  }

  it('does not delay the sign-in, and appears in every tab and for admins when it is there', async () => {
    const ada = await person('Ada');
    const root = await server.signIn('Root', 'admin');
    const tabs = [await server.connect(ada), await server.connect(ada)];
    const admin = await server.connect(root);
    for (const tab of tabs) await tab.subscribe(`user:${ada.userId}`);
    await admin.subscribe('admin');
    let waiting: ServerResponse | undefined;
    answer = (response) => (waiting = response);
    await signIn(ada, '/ada.png');
    await until(() => waiting !== undefined, 'the request for the picture');
    waiting?.end(first);
    const path = expect.stringMatching(new RegExp(String.raw`^/api/users/${ada.userId}/picture\?v=[\w-]{43}$`));
    for (const tab of tabs) {
      expect(await tab.event(`user:${ada.userId}`, 'user.updated', ({ picture }) => picture !== null)).toMatchObject({
        picture: path,
      });
    }
    expect(await admin.event('admin', 'user.updated', ({ picture }) => picture !== null)).toMatchObject({
      picture: path,
    });
    const users = (await (await server.fetch('/api/admin/users?q=ada@', root)).json()) as Page<AdminUser>;
    expect(users.items).toMatchObject([{ picture: path }]);
  });

  it('is served from our own address, to its owner and to admins alone (A3)', async () => {
    const grace = await person('Grace');
    const [eve, root] = [await server.signIn('Eve'), await server.signIn('Boss', 'admin')];
    const path = String(await after(grace, '/grace.png'));
    for (const who of [grace, root]) {
      const response = await server.fetch(path, who);
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(first);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'image/png',
        'cache-control': 'private, max-age=31536000, immutable',
        'content-security-policy': "default-src 'none'",
        'x-content-type-options': 'nosniff',
      });
    }
    const details: string[] = [];
    for (const refused of [path, `/api/users/${eve.userId}/picture`]) {
      const response = await server.fetch(refused, eve);
      expect(response.status).toBe(404);
      details.push(((await response.json()) as { detail: string }).detail);
    }
    expect(details[0]).toBe(details[1]);
    expect((await server.fetch(path)).status).toBe(401);
    expect((await server.fetch(path.replace(/v=.*/, 'v=older'), grace)).status).toBe(404);
    const latest = await server.fetch(path.replace(/\?.*/, ''), grace);
    expect([latest.status, latest.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
  });

  it('is fetched again when its address changes, and removed when the provider has none any more', async () => {
    const cleo = await person('Cleo');
    const before = await after(cleo, '/cleo.png');
    expect(await after(cleo, '/cleo.png')).toBe(before);
    expect(asked).toBe(1);
    answer = (response) => response.end(second);
    const changed = await after(cleo, '/cleo-2.png');
    expect(changed).not.toBe(before);
    expect(Buffer.from(await (await server.fetch(String(changed), cleo)).arrayBuffer())).toEqual(second);
    expect(asked).toBe(2);
    expect(await after(cleo, null)).toBeNull();
    expect((await server.fetch(String(changed), cleo)).status).toBe(404);
  });

  it('stays as it is when the new one cannot be fetched, which the next sign-in tries again', async () => {
    const dora = await person('Dora');
    const before = await after(dora, '/dora.png');
    answer = (response) => response.writeHead(500).end();
    expect(await after(dora, '/dora-2.png')).toBe(before);
    answer = (response) => response.end('<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(await after(dora, '/dora-2.png')).toBe(before);
    answer = (response) => response.end(second);
    expect(await after(dora, '/dora-2.png')).not.toBe(before);
    expect(asked).toBe(4);
  });
});
