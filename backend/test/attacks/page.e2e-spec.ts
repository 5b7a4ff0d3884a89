import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { drawPicture } from '../../dev/provider/picture.js';
import { Database } from '../../src/database/database.js';
import { Picture } from '../../src/users/pictures/picture.entity.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { attacks } from './support/family.js';
import { liveRoutes } from './support/generated.js';
import { rawRequest } from './support/raw-request.js';

/*
 * What a hostile page in a browser can do with the answers of the server. How the page renders texts is tested with its
 * real renderer: `frontend/src/lib/markdown/markdown.spec.ts`, `e2e/page/content-security.e2e.ts`.
 */
const stops = attacks('page');

const PUBLIC_URL = 'https://chat.example.org';
let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start({
    NODE_ENV: 'production',
    APP_SECRET: 'a secret of thirty-two characters',
    PUBLIC_URL,
    GOOGLE_CLIENT_ID: 'id',
    GOOGLE_CLIENT_SECRET: 'secret',
  });
  ada = await server.signIn('Ada', 'admin');
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const addresses = (): string[] => [
  ...new Set(liveRoutes().map(({ path }) => path.replaceAll(/:\w+/g, randomUUID()))),
  '/',
  '/nowhere',
  '/api/nowhere',
  '/socket.io/?EIO=4&transport=polling',
];

stops('framing, sniffing, foreign bases, and unencrypted connections, at every address', async (attack) => {
  for (const path of addresses().filter((one) => !one.startsWith('/socket.io'))) {
    for (const token of [undefined, ada.token]) {
      await attack(`${path} ${token === undefined ? 'by a stranger' : 'by an admin'}`, async () => {
        const { headers } = await rawRequest(server, { path, ...(token !== undefined && { token }) });
        expect(headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'content-security-policy': expect.stringMatching(
            /base-uri 'none'.*frame-ancestors 'none'.*object-src 'none'/,
          ),
          'referrer-policy': expect.stringMatching(/^(strict-origin|no-referrer|same-origin)/),
          'strict-transport-security': expect.stringContaining('max-age=31536000'),
          'cross-origin-resource-policy': 'same-origin',
        });
        expect(headers['x-powered-by']).toBeUndefined();
        expect(headers.server).toBeUndefined();
      });
    }
  }
});

stops('answers of the API from being kept in a cache', async (attack) => {
  for (const path of addresses().filter((one) => /^\/(api|v1)\//.test(one) && !one.endsWith('/picture'))) {
    await attack(path, async () => {
      const { headers } = await rawRequest(server, { path, token: ada.token });
      expect(headers['cache-control']).toBe('no-store');
    });
  }
});

stops('pages of other origins from reading any answer', async (attack) => {
  for (const path of addresses()) {
    for (const origin of ['https://evil.example', 'null', `${PUBLIC_URL}.evil.example`, PUBLIC_URL]) {
      for (const method of ['GET', 'OPTIONS']) {
        await attack(`${method} ${path} from ${origin}`, async () => {
          const headers = {
            origin,
            'access-control-request-method': 'PATCH',
            'access-control-request-headers': 'authorization,content-type',
          };
          const answer = await rawRequest(server, { method, path, headers });
          const granted = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
          expect(granted).toEqual([]);
        });
      }
    }
  }
});

stops('a forged Host from appearing in addresses and cookies', async (attack) => {
  const hosts: Record<string, string>[] = [
    { host: 'evil.example' },
    { host: 'chat.example.org:1234' },
    { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
    { host: 'chat.example.org', forwarded: 'host=evil.example;proto=http' },
    { host: 'chat.example.org', 'x-original-url': '/api/admin/users', 'x-rewrite-url': '/api/admin/users' },
  ];
  const login = `/api/auth/login?challenge=${'a'.repeat(43)}`;
  for (const headers of hosts) {
    for (const path of [login, '/api/auth/callback', '/api/auth/providers', '/api/meta', '/nowhere', '/']) {
      await attack(`${path} with ${JSON.stringify(headers)}`, async () => {
        const answer = await rawRequest(server, { path, headers });
        const whole = JSON.stringify(answer.headers) + answer.text;
        expect(whole).not.toContain('evil.example');
        expect(whole).not.toContain('chat.example.org:1234');
        const location = answer.headers.location ?? '';
        if (path === login && location.startsWith('http')) {
          expect(new URL(location).searchParams.get('redirect_uri')).toBe(`${PUBLIC_URL}/api/auth/callback`);
        }
        for (const cookie of answer.headers['set-cookie'] ?? []) {
          expect(cookie).toMatch(/^__Host-[^;]+; .*HttpOnly; Secure; SameSite=(Lax|Strict)/);
          expect(cookie).not.toMatch(/domain=/i);
        }
      });
    }
  }
});

stops('a picture from being read as a page or a script, or by another site', async (attack) => {
  const picture = { userId: ada.userId, source: 'x', contentType: 'image/png', hash: 'h', fetchedAt: 1 };
  await server.get(Database).write((em) => em.insert(Picture, { ...picture, bytes: drawPicture('1') }));
  const path = `/api/users/${ada.userId}/picture`;
  await attack('with its headers', async () => {
    const { status, headers } = await rawRequest(server, { path, token: ada.token, headers: { accept: 'text/html' } });
    expect([status, headers['content-type']]).toEqual([200, 'image/png']);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
  await attack('without a token', async () => expect((await rawRequest(server, { path })).status).toBe(401));
  await attack('with a cookie only', async () => {
    const headers = { cookie: `__Host-lockstep-refresh=${ada.sessionId}; token=${ada.token}` };
    expect((await rawRequest(server, { path, headers })).status).toBe(401);
  });
});

stops('answers to scripts of other sites (JSONP, JSON as script)', async (attack) => {
  for (const path of ['/api/meta', '/api/auth/providers', '/health/live']) {
    await attack(path, async () => {
      const { text, headers } = await rawRequest(server, { path: `${path}?callback=alert&jsonp=alert` });
      expect(text).toMatch(/^\{/);
      expect(headers['content-type']).toMatch(/^application\/json/);
    });
  }
});
