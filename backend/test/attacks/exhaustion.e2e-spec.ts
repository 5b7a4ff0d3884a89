import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { ModulesContainer } from '@nestjs/core';
import { z } from 'zod';
import { repeatsAndHangs } from '../../testing/model/script.js';
import { scaled } from '../../testing/pace.js';
import { newMessage } from '../support/conversation.js';
import { inputsOf, textsIn } from '../support/input-schemas.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { attacks } from './support/family.js';
import { liveRoutes } from './support/generated.js';
import { rawRequest } from './support/raw-request.js';
import { RawSocket } from './support/raw-socket.js';

const stops = attacks('exhaustion');

/** How long a request of anybody else may take meanwhile, on a quiet machine. */
const PATIENCE_MS = 1_000;

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  // The limits of an installation, not those of other tests.
  server = await TestServer.start({
    MAX_EVENTS_PER_SECOND: '20',
    MAX_EVENTS_BURST: '60',
    MAX_SENDS_PER_MINUTE: '5',
    MAX_RUNS_PER_USER: '2',
  });
  ada = await server.signIn('Ada', 'admin');
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

/** Whether others are still served, and at once. */
async function expectQuick(): Promise<void> {
  const startedAt = performance.now();
  expect((await server.fetch('/health/live')).status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(scaled(PATIENCE_MS));
}

async function openTcp(bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

stops('bodies that are too big, on every route', async (attack) => {
  for (const route of liveRoutes().filter(({ method, path }) => method !== 'GET' && /^\/(api|v1)\//.test(path))) {
    const type = route.path.includes('backchannel') ? 'application/x-www-form-urlencoded' : 'application/json';
    const path = route.path.replaceAll(/:\w+/g, randomUUID());
    const big = JSON.stringify({ x: 'x'.repeat(route.path.startsWith('/v1/') ? 2_200_000 : 110_000) });
    await attack(`${route.name} with a big body`, async () => {
      const headers = { 'content-type': type };
      expect(
        (await rawRequest(server, { method: route.method, path, token: ada.token, headers, body: big })).status,
      ).toBe(413);
    });
    await attack(`${route.name} with a body that grows when it is decompressed`, async () => {
      const body = gzipSync(Buffer.alloc(10_000_000, 0x20));
      const headers = { 'content-type': type, 'content-encoding': 'gzip' };
      expect((await rawRequest(server, { method: route.method, path, token: ada.token, headers, body })).status).toBe(
        413,
      );
    });
  }
  await attack('and others are served', expectQuick);
});

stops('requests that never end from keeping others waiting', async (attack) => {
  const sockets: Socket[] = [];
  for (const bytes of [
    'GET /api/meta HTTP/1.1\r\nHost: x\r\n',
    'POST /api/auth/exchange HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    'POST /api/auth/exchange HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
    '',
  ]) {
    await attack(JSON.stringify(bytes.slice(0, 30)), async () => {
      for (let n = 0; n < 100; n += 1) sockets.push(await openTcp(bytes));
      await expectQuick();
    });
  }
  for (const socket of sockets) socket.destroy();
});

stops('requests whose end is told in two ways (smuggling), and headers without end', async (attack) => {
  const answerTo = async (bytes: string): Promise<string> => {
    const socket = await openTcp(bytes);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.setTimeout(scaled(5_000), () => socket.destroy());
    await new Promise((resolve) => socket.once('close', resolve));
    return text;
  };
  const post = 'POST /api/auth/exchange HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n';
  const inner = 'GET /api/meta HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const requests: readonly (readonly [string, string])[] = [
    ['both lengths', `${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`],
    ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 80\r\n\r\n{}${inner}`],
    ['a length that is no number', `${post}Content-Length: +2\r\n\r\n{}${inner}`],
    ['a coding in other letters', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`],
    ['a space before the colon', `${post}Content-Length : 2\r\n\r\n{}${inner}`],
    ['a folded header', `${post}X: 1\r\n Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}${inner}`],
    ['bare line feeds', `${post}X: 1\nContent-Length: 2\r\n\r\n{}`],
    ['a chunk of a negative size', `${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${inner}`],
    ['a huge header', `GET /api/meta HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['thousands of headers', `GET /api/meta HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(20_000)}\r\n`],
    ['a huge address', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ];
  for (const [what, bytes] of requests) {
    await attack(what, async () => {
      const answer = await answerTo(bytes);
      // At most one answer, and it is a refusal: the second request was never read.
      expect(answer.match(/HTTP\/1\.1 /g)?.length ?? 0).toBeLessThanOrEqual(1);
      expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    });
  }
});

stops('too many subscriptions, events and messages of one person', async (attack) => {
  await attack('subscriptions', async () => {
    const tab = await server.connect(ada);
    const codes: string[] = [];
    for (let n = 0; n < 60; n += 1) {
      const reply = await tab.raw('stream:subscribe', { stream: n === 0 ? 'admin' : `user:${randomUUID()}` });
      codes.push(reply.ok ? 'ok' : reply.error.code);
    }
    // Those that are refused take no room; the limit on granted ones has its own test.
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
  });
  await attack('events', async () => {
    await using raw = await RawSocket.enter(server, ada.token);
    raw.send(
      ...Array.from(
        { length: 500 },
        (_, n) => `42${n}["draft:set",{"conversationId":null,"text":"x","origin":"${randomUUID()}"}]`,
      ),
    );
    while (!raw.isClosed) await once(raw.webSocket, 'close');
    expect(raw.received.filter((packet) => packet.includes('"ok":true')).length).toBeLessThanOrEqual(80);
    await expectQuick();
  });
  await attack('messages, from several sockets at once', async () => {
    const eve = await server.signIn('Eve');
    const tabs = await Promise.all([1, 2, 3, 4].map(() => server.connect(eve)));
    const replies = await Promise.all(
      tabs.flatMap((tab) => Array.from({ length: 5 }, () => tab.raw('message:send', newMessage('Hi')))),
    );
    expect(replies.filter(({ ok }) => ok).length).toBeLessThanOrEqual(5);
  });
  await attack('replies at the same time, over sockets and HTTP', async () => {
    const mallory = await server.signIn('Mallory');
    const tab = await server.connect(mallory);
    for (let n = 0; n < 4; n += 1) server.model.next(repeatsAndHangs);
    const replies = await Promise.all(Array.from({ length: 4 }, () => tab.raw('message:send', newMessage('Hi'))));
    expect(replies.filter(({ ok }) => ok).length).toBeLessThanOrEqual(2);
    const init = { method: 'POST', body: JSON.stringify({ message: 'Hi' }) };
    expect((await server.fetch('/api/chat', mallory, init)).status).toBe(429);
  });
});

stops('texts that take long to check', async (attack) => {
  const evil = [
    'a'.repeat(50_000),
    `${'a'.repeat(50_000)}!`,
    ' '.repeat(50_000),
    `${' '.repeat(50_000)}x`,
    '\t'.repeat(30_000) + '\u0000',
    '\u200b'.repeat(50_000),
    'é'.repeat(30_000),
    'e\u0301'.repeat(20_000),
    '/'.repeat(50_000),
    'a@'.repeat(20_000),
    '0-'.repeat(25_000),
    `data:${'a;'.repeat(20_000)}`,
    '（'.repeat(20_000),
    'ア'.repeat(30_000),
  ];
  for (const { place, schema } of inputsOf(server.get(ModulesContainer))) {
    if (!(schema instanceof z.ZodType)) continue;
    for (const text of textsOf(schema, place)) {
      await attack(text.place, () => {
        for (const one of evil) {
          const startedAt = performance.now();
          text.schema.safeParse(one);
          expect(performance.now() - startedAt).toBeLessThan(scaled(200));
        }
      });
    }
  }
  for (const q of evil) {
    await attack(`a search for ${JSON.stringify(q.slice(0, 6))} and so on`, async () => {
      const startedAt = performance.now();
      await server.fetch(`/api/conversations?q=${encodeURIComponent(q.slice(0, 4_000))}`, ada);
      await server.fetch(`/api/admin/users?q=${encodeURIComponent(q.slice(0, 4_000))}`, ada);
      expect(performance.now() - startedAt).toBeLessThan(scaled(2_000));
    });
  }
});

/** The texts of a schema; queries of the provider may have values of any type. */
function textsOf(schema: z.ZodType, place: string): ReturnType<typeof textsIn> {
  try {
    return textsIn(schema, place);
  } catch {
    return [];
  }
}
