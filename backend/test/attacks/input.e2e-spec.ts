import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { z } from 'zod';
import type { TestClient } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { attacks } from './support/family.js';
import { liveCommands, type LiveRoute, liveRoutes } from './support/generated.js';
import { Crowd } from './support/crowd.js';
import { rawRequest } from './support/raw-request.js';
import { pathsIn, sampleOf, withValue } from './support/samples.js';

/** Wrong, hostile and oversized input for every route and command: refused as the client's mistake, never `internal`. */
const stops = attacks('input');

let server: TestServer;
let crowd: Crowd;
let tab: TestClient;
beforeAll(async () => {
  // More commands than a person could send are refused as wrong, not as too many.
  server = await TestServer.start({ MAX_EVENTS_PER_SECOND: '100000', MAX_EVENTS_BURST: '100000' });
  crowd = new Crowd(server);
  tab = await server.connect(await server.signIn('Tab', 'admin'));
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const deep = (levels: number): unknown => JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels)) as unknown;

/** In place of any value. */
const HOSTILE: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a list', []],
  ['an object', {}],
  ['a query of another database', { $ne: null }],
  ['a huge number', 1e308],
  ['a negative number', -1],
  ['a long text', 'x'.repeat(50_000)],
  ['NUL', 'a\u0000b'],
  ['half a character', 'a\ud800'],
  ['a text that turns its line around', '\u202eabc'],
  ['SQL', `' or 1=1; drop table users; --`],
  ['a path', '../../../../etc/passwd'],
  ['deep nesting', deep(500)],
];

/** JSON that changes the prototype of objects where it is merged carelessly. */
const POLLUTING = [
  '{"__proto__":{"isAdmin":true,"role":"admin"}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"prototype":{"isAdmin":true}}',
  '{"toString":1,"valueOf":1,"hasOwnProperty":1}',
];

const isDropped = (key: string): boolean => ['__proto__', 'constructor', 'prototype'].includes(key);
const isPolluted = (): boolean => 'isAdmin' in {} || 'role' in {};
const addressOf = ({ path }: LiveRoute): string => path.replaceAll(/:\w+/g, randomUUID());
const withBodies = (): LiveRoute[] => liveRoutes().filter(({ body }) => body !== undefined);

function send(
  route: LiveRoute,
  body: string | Uint8Array<ArrayBuffer>,
  who: TestPerson,
  type?: string,
): Promise<Response> {
  // The only route that takes a form: see `FORM_PATH` of the body parser.
  const isForm = route.path.startsWith('/api/auth/backchannel-logout/');
  const headers = {
    authorization: `Bearer ${who.token}`,
    'content-type': type ?? (isForm ? 'application/x-www-form-urlencoded' : 'application/json'),
  };
  return fetch(`${server.url}${addressOf(route)}`, { method: route.method, headers, body });
}

async function expectRefusal(response: Response): Promise<void> {
  const text = await response.text();
  if (response.status < 400 || response.status >= 500)
    throw new Error(`answered ${response.status}: ${text.slice(0, 300)}`);
  expect(text).not.toMatch(/node_modules|\.ts:\d|SQLITE|at \w+ \(|syntax error/);
}

stops('unknown keys in every body', async (attack) => {
  for (const route of withBodies()) {
    if (!route.body || route.path.includes('backchannel-logout')) continue;
    for (const key of ['isAdmin', 'role', 'userId', 'id', '$where', '__proto__', 'constructor']) {
      const shape = 'shape' in route.body ? (route.body.shape as object) : {};
      if (Object.hasOwn(shape, key)) continue;
      await attack(`${route.name} with ${key}`, async () => {
        const sample = JSON.stringify(sampleOf(route.body as z.ZodType));
        const body = sample === '{}' ? `{"${key}":"x"}` : sample.replace(/\}$/, `,"${key}":"x"}`);
        const response = await send(route, body, await crowd.admin());
        // Nest drops the keys that could change a prototype before it calls the schema.
        if (!isDropped(key)) expect(response.status).toBe(400);
        else expect(response.status).toBeLessThan(500);
        expect(isPolluted()).toBe(false);
      });
    }
  }
});

stops('values of wrong types and sizes anywhere in a body', async (attack) => {
  for (const route of withBodies()) {
    const sample = route.body && sampleOf(route.body);
    for (const path of pathsIn(sample)) {
      for (const [what, value] of HOSTILE) {
        const body = withValue(sample, path, value);
        if (route.body?.safeParse(body).success) continue;
        await attack(`${route.name} with ${what} as ${path.join('.') || 'the body'}`, async () =>
          expectRefusal(await send(route, JSON.stringify(body), await crowd.admin())),
        );
      }
    }
  }
});

stops('hostile values in every query', async (attack) => {
  for (const route of liveRoutes()) {
    // These redirect to pages that say what is wrong.
    if (route.path === '/api/auth/callback') continue;
    for (const { name, in: place, schema } of route.parameters) {
      for (const [what, value] of HOSTILE) {
        const text = typeof value === 'string' ? value.slice(0, 3_000) : JSON.stringify(value);
        if (!text.isWellFormed()) continue;
        await attack(`${route.name} with ${what} as ${name}`, async () => {
          const who = await crowd.admin();
          const encoded = encodeURIComponent(text);
          const path =
            place === 'path'
              ? route.path.replace(`:${name}`, encoded || '%20')
              : `${addressOf(route)}?${name}=${encoded}`;
          const { status } = await server.fetch(path, who, { method: route.method, redirect: 'manual' });
          expect(status).toBeLessThan(500);
          // The body is missing too, so that only routes without one tell.
          if (!schema.safeParse(text).success) expect(status).toBeGreaterThanOrEqual(400);
        });
      }
      await attack(`${route.name} with ${name} twice and as an object`, async () => {
        const who = await crowd.admin();
        for (const query of [`${name}=a&${name}=b`, `${name}[$ne]=1`, `${name}[__proto__][x]=1`, `${name}=%ff%fe`]) {
          const { status } = await server.fetch(`${addressOf(route)}?${query}`, who, {
            method: route.method,
            redirect: 'manual',
          });
          expect(status).toBeLessThan(500);
        }
      });
    }
  }
  expect(isPolluted()).toBe(false);
});

stops('bodies that are no JSON, or only look like it', async (attack) => {
  const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);
  const bodies: readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[] = [
    ['nothing', ''],
    ['half an object', '{"a":'],
    ['a text', '"x"'],
    ['a number', '1'],
    ['null', 'null'],
    ['NaN', 'NaN'],
    ['a list', '[]'],
    ['invalid UTF-8', bytes(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)],
    ['overlong UTF-8', bytes(0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d)],
    ['UTF-16', new Uint8Array(Buffer.from('{"name":"x"}', 'utf16le'))],
    ['NUL bytes', bytes(0, 0, 0, 0)],
    ['nesting without end', '['.repeat(40_000)],
    ['deep nesting', '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)],
    ...POLLUTING.map((body) => [body, body] as const),
  ];
  for (const route of withBodies()) {
    for (const [what, body] of bodies) {
      await attack(`${route.name} with ${what}`, async () => {
        const response = await send(route, body, await crowd.admin());
        // What is left of a polluting body may be a change of nothing.
        if (what !== 'nothing' && !what.includes('proto')) await expectRefusal(response);
        else expect(response.status).toBeLessThan(500);
        expect(isPolluted()).toBe(false);
      });
    }
  }
});

stops('other content types, and bodies that are compressed without need', async (attack) => {
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'text/html',
    'application/json, text/plain',
    'application/vnd.api+json',
    'application/octet-stream',
  ];
  for (const route of withBodies()) {
    if (route.path.includes('backchannel-logout')) continue;
    const body = JSON.stringify(route.body && sampleOf(route.body));
    for (const type of types) {
      await attack(`${route.name} as ${type}`, async () =>
        expect((await send(route, body, await crowd.admin(), type)).status).toBe(415),
      );
    }
    await attack(`${route.name} with an unknown encoding`, async () => {
      const headers = {
        authorization: `Bearer ${(await crowd.admin()).token}`,
        'content-type': 'application/json',
        'content-encoding': 'x-own',
      };
      expect((await fetch(`${server.url}${addressOf(route)}`, { method: route.method, headers, body })).status).toBe(
        415,
      );
    });
  }
});

stops('methods that a route does not have, and headers that replace the method', async (attack) => {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LINK'];
  const routes = liveRoutes();
  for (const path of new Set(routes.map((route) => route.path))) {
    const served = new Set(routes.flatMap((route) => (route.path === path ? [route.method] : [])));
    const address = path.replaceAll(/:\w+/g, randomUUID());
    for (const method of methods.filter((one) => !served.has(one))) {
      // Another route may match with an id in place of a word.
      if (routes.some((route) => route.method === method && matches(route.path, path))) continue;
      await attack(`${method} ${path}`, async () => {
        const { status, headers } = await rawRequest(server, {
          method,
          path: address,
          token: (await crowd.admin()).token,
        });
        expect([status, typeof headers['allow']]).toEqual([405, 'string']);
      });
    }
    for (const header of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      if (!served.has('GET') || served.has('POST')) continue;
      await attack(`${path} with ${header}`, async () => {
        const headers = { [header]: 'GET', 'content-type': 'application/json' };
        const { token } = await crowd.admin();
        expect(
          (await rawRequest(server, { method: 'POST', path: `${address}?_method=GET`, token, headers, body: '{}' }))
            .status,
        ).toBe(405);
      });
    }
  }
});

const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(path);

stops('wrong payloads of every command', async (attack) => {
  for (const { name, payload } of liveCommands(server)) {
    if (!payload) continue;
    const sample = sampleOf(payload);
    const variants: (readonly [string, unknown])[] = pathsIn(sample).flatMap((path) =>
      HOSTILE.map(
        ([what, value]) => [`${what} as ${path.join('.') || 'the payload'}`, withValue(sample, path, value)] as const,
      ),
    );
    variants.push(['an unknown key', { ...(sample as object), isAdmin: true }]);
    variants.push(['a binary payload', Buffer.from('{}')]);
    for (const [what, wrong] of variants) {
      if (!Buffer.isBuffer(wrong) && payload.safeParse(wrong).success) continue;
      await attack(`${name} with ${what}`, async () => {
        const { code } = await tab.refused(name, wrong);
        // A stream or a token that does not exist is no wrong payload.
        expect(['bad_request', 'too_large']).toContain(code);
      });
    }
    for (const polluting of POLLUTING) {
      await attack(`${name} with ${polluting}`, async () => {
        await tab.raw(name, JSON.parse(polluting));
        expect(isPolluted()).toBe(false);
      });
    }
  }
});
