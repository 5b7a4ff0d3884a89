import { afterAll, beforeAll, expect } from '@jest/globals';
import { LogOutput } from '../../src/common/log-output.js';
import { says } from '../../testing/model/script.js';
import { begin, whenEnded, whenNamed } from '../support/conversation.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { attacks } from './support/family.js';
import { liveRoutes } from './support/generated.js';
import { keepLines } from './support/kept-lines.js';
import { rawRequest } from './support/raw-request.js';
import { everyRow } from './support/rows.js';

const stops = attacks('injection');

let server: TestServer;
let ada: TestPerson;
let admin: TestPerson;
let lines: string[];
let conversationId: string;
beforeAll(async () => {
  server = await TestServer.start({ LOG_LEVEL: 'debug' });
  lines = keepLines(server.get(LogOutput));
  ada = await server.signIn('Ada');
  admin = await server.signIn('Root', 'admin');
  const [tab, other] = [await server.connect(ada), await server.connect(await server.signIn('Bob'))];
  server.model.next(says(['The colour is turquoise']));
  const own = await begin(tab, 'An ordinary question');
  await whenNamed(tab, own.stream);
  conversationId = own.conversationId;
  server.model.next(says(['The password is swordfish']));
  const foreign = await begin(other, 'A private question');
  await whenEnded(other, foreign.stream);
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

/** Texts that have a meaning in SQL, in patterns of LIKE, in FTS5 and in PostgreSQL's text search. */
const QUERIES = [
  "' or '1'='1",
  "' or 1=1 --",
  "'; drop table users; --",
  "' union select token_hash from sessions --",
  '" or ""="',
  '1); delete from conversations; --',
  '%',
  '_',
  '%%',
  '\\',
  '\\%',
  '*',
  'swordfish*',
  '"swordfish',
  'NEAR(password swordfish)',
  'NEAR/1',
  'title:swordfish',
  'user_id:1',
  'password AND swordfish',
  'x OR swordfish',
  'NOT x',
  '^password',
  '(swordfish',
  '{a b}: swordfish',
  '-- swordfish',
  "swordfish' & 'x",
  'a:* | b',
  '!swordfish',
  '<->',
  '$1',
  '?',
  ':name',
  '${swordfish}',
];

stops('SQL, patterns and the syntax of full-text search in every query', async (attack) => {
  const before = await everyRow(server);
  for (const route of liveRoutes().filter(({ method, security }) => method === 'GET' && security === 'accessToken')) {
    for (const { name, in: place } of route.parameters) {
      for (const query of QUERIES) {
        await attack(`${route.name} with ${name}=${query}`, async () => {
          const encoded = encodeURIComponent(query);
          const path = route.path.replace(/:\w+/, place === 'path' ? encoded : conversationId);
          const who = route.roles.includes('user') ? ada : admin;
          const response = await server.fetch(place === 'path' ? path : `${path}?${name}=${encoded}`, who);
          const text = await response.text();
          expect([response.status < 500, response.status]).toEqual([true, response.status]);
          expect(text).not.toMatch(/swordfish|private question|syntax error|SQLITE|near "/i);
          // As a pattern, these would match everything; as text, they match nothing here.
          if (response.status === 200 && name === 'q' && /^[%_*]+$/.test(query))
            expect(JSON.parse(text)).toMatchObject({ items: [] });
        });
      }
    }
  }
  await attack('and no table has lost a row', async () => {
    const after = await everyRow(server);
    for (const [table, rows] of before)
      expect([table, (after.get(table) ?? []).length >= rows.length]).toEqual([table, true]);
  });
});

stops('SQL in every text that is stored', async (attack) => {
  const tab = await server.connect(ada);
  const text = `Robert'); drop table conversations; -- "x" \\ $1 ?`;
  await attack('a name', async () => {
    const init = { method: 'PATCH', body: JSON.stringify({ name: text }) };
    expect(await (await server.fetch('/api/profile/me', ada, init)).json()).toMatchObject({ name: text });
  });
  await attack('a title', async () => {
    await tab.command('conversation:update', { conversationId, title: text });
    expect(await (await server.fetch(`/api/conversations/${conversationId}`, ada)).json()).toMatchObject({
      title: text,
    });
  });
  await attack('a question', async () => {
    const { stream } = await begin(tab, text);
    expect((await whenEnded(tab, stream)).messages[0]?.text).toBe(text);
  });
});

stops('a cursor that was changed from showing more than its own list', async (attack) => {
  const cursors = [
    '',
    'x',
    '0',
    '-1',
    "' or 1=1 --",
    '{"id":{"$ne":null}}',
    'eyJpZCI6IicgT1IgMT0xIn0',
    '%00',
    '9'.repeat(400),
    'null',
    '[]',
    'ffffffff-ffff-7fff-bfff-ffffffffffff',
  ];
  const routes = liveRoutes().filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'));
  for (const { path, name } of routes) {
    for (const raw of cursors) {
      for (const cursor of [raw, Buffer.from(raw).toString('base64url')]) {
        await attack(`${name} with the cursor ${cursor.slice(0, 30)}`, async () => {
          const who = path.startsWith('/api/admin/') ? admin : ada;
          const response = await server.fetch(`${path}?cursor=${encodeURIComponent(cursor)}`, who);
          expect([200, 400]).toContain(response.status);
          if (!path.startsWith('/api/admin/')) expect(await response.text()).not.toContain('private question');
        });
      }
    }
  }
});

stops('line breaks and quotes in headers of an answer', async (attack) => {
  const tab = await server.connect(ada);
  const titles = [
    'a"; filename="evil.exe',
    'a\r\nSet-Cookie: x=1',
    '../../etc/passwd',
    'a/b\\c',
    "𝕏; filename*=UTF-8''x",
    '.',
    '"'.repeat(50),
    'a\u0085b',
  ];
  for (const title of titles) {
    for (const format of ['markdown', 'json']) {
      await attack(`a download of the title ${title.slice(0, 20)} as ${format}`, async () => {
        await tab.command('conversation:update', { conversationId, title });
        const response = await server.fetch(`/api/conversations/${conversationId}/export?format=${format}`, ada);
        expect(response.status).toBe(200);
        const disposition = response.headers.get('content-disposition') ?? '';
        expect(response.headers.getSetCookie()).toEqual([]);
        expect(disposition).toMatch(
          /^attachment; ?filename="?[^"\\/\r\n]*"?(; ?filename\*=UTF-8''[\w.~%!#$&+^`|-]+)?$/,
        );
        expect(decodeURIComponent(disposition)).not.toMatch(/[/\\]/);
        await response.text();
      });
    }
  }
  for (const id of ['x'.repeat(65), 'a b', 'a;b', '<script>', 'a\tb', 'é', '{"x":1}']) {
    await attack(`the request id ${id.slice(0, 20)}`, async () => {
      const { headers } = await rawRequest(server, { path: '/api/meta', headers: { 'x-request-id': id } });
      expect(headers['x-request-id']).toMatch(/^[\w.-]{1,64}$/);
      expect(headers['x-request-id']).not.toBe(id);
    });
  }
});

stops('forged lines in the log', async (attack) => {
  const forged = '{"level":30,"msg":"forged by an attacker"}';
  const encoded = encodeURIComponent(`\n${forged}\n`);
  const requests = [
    { path: `/api/${encoded}` },
    { path: `/api/admin/users/${encoded}`, token: admin.token },
    { path: `/api/conversations?q=${encoded}`, token: ada.token },
    { path: '/api/profile/me', headers: { 'user-agent': forged, referer: forged, 'x-request-id': forged } },
    { path: '/api/profile/me', headers: { authorization: `Bearer ${forged}` } },
    { path: '/api/profile/me', headers: { 'x-forwarded-for': forged } },
    {
      method: 'PATCH',
      path: '/api/profile/me',
      token: ada.token,
      body: JSON.stringify({ name: `x\n${forged}`, [`\n${forged}`]: 1 }),
      headers: { 'content-type': 'application/json' },
    },
  ];
  for (const request of requests) {
    await attack(request.path.slice(0, 40), async () => {
      lines.length = 0;
      await rawRequest(server, request);
      for (const line of lines
        .join('')
        .split('\n')
        .filter((one) => one !== '')) {
        expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged by an attacker' });
      }
    });
  }
});

stops('paths that leave their folder', async (attack) => {
  const up = [
    '../',
    '..%2f',
    '%2e%2e/',
    '%2e%2e%2f',
    '..%5c',
    '..\\',
    '....//',
    '%252e%252e%252f',
    '..;/',
    '%c0%ae%c0%ae/',
    '/',
    '.%00./',
  ];
  const bases = ['/', '/_app/', '/_app/immutable/', '/api/users/', `/api/conversations/${conversationId}/`, '/local/'];
  const targets = ['etc/passwd', 'package.json', '.env', 'data/chat.db', '.git/config'];
  for (const base of bases) {
    for (const step of up) {
      await attack(`${base}${step}`, async () => {
        for (const target of targets) {
          const { status, text } = await rawRequest(server, {
            path: `${base}${step.repeat(6)}${target}`,
            token: ada.token,
          });
          expect([400, 401, 403, 404, 405]).toContain(status);
          expect(text).not.toMatch(/root:|"dependencies"|SQLite format|\[core\]/);
        }
      });
    }
  }
});
