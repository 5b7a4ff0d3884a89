import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { LanguageModel } from '../../src/models/language-model.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';
import { ask, failure, forText, modelOf, request } from './ask.js';
import { scaled } from '../../testing/pace.js';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const event = (data: string): string => {
  const line = `data: ${data}\n\n`;
  return `${line.length.toString(16)}\r\n${line}\r\n`;
};
const TEXT = event('{"choices":[{"delta":{"content":"all"}}]}');
const END = `${event('{"choices":[{"delta":{},"finish_reason":"stop"}]}')}${event('[DONE]')}0\r\n\r\n`;

let server: ModelServer;
let peer: Server;
let sockets: Set<Socket>;
let answer: (socket: Socket) => void;
let model: LanguageModel;

/** A TCP server that writes raw bytes: a real HTTP server would refuse to send them. */
beforeEach(async () => {
  server = await ModelServer.start();
  sockets = new Set();
  peer = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', () => answer(socket));
  });
  await once(peer.listen(0, '127.0.0.1'), 'listening');
  const { port } = peer.address() as AddressInfo;
  model = modelOf(server, { baseUrl: `http://127.0.0.1:${port}/v1` });
});
afterEach(async () => {
  peer.close();
  for (const socket of sockets) socket.destroy();
  await server[Symbol.asyncDispose]();
});

describe('a connection', () => {
  test('that is upgraded without a request is a failure', async () => {
    answer = (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
    expect((await ask(model)).error).toEqual(failure('model_bad_response'));
  });

  test('may break at the moment of a stop without harm to the process', async () => {
    answer = (socket) => socket.end(HEAD + TEXT + END);
    for (let round = 0; round < 20; round += 1) {
      const stop = new AbortController();
      const reason = new Error('stopped');
      const stopping = forText(() => stop.abort(reason));
      await expect(model.reply(request({ signal: stop.signal }), stopping)).rejects.toBe(reason);
      await turn();
    }
  });

  test.each([
    ['a reset', (socket: Socket) => socket.resetAndDestroy()],
    ['bytes that are no answer', (socket: Socket) => socket.write('HTTP/1.1 nonsense\r\n\r\n')],
  ])('may have %s after the end of a reply', async (_what, misbehave) => {
    answer = (socket) => socket.write(HEAD + TEXT + END, () => misbehave(socket));
    for (let round = 0; round < 5; round += 1) {
      expect(await ask(model)).toMatchObject({ texts: ['all'], error: undefined });
      await turn();
    }
  });

  test('that the server closes while it is idle is replaced at once', async () => {
    let asked = 0;
    answer = (socket) => {
      asked += 1;
      if (asked === 2) socket.resetAndDestroy();
      else socket.write(HEAD + TEXT + END);
    };
    await ask(model);
    const before = performance.now();
    expect(await ask(model)).toMatchObject({ texts: ['all'], error: undefined });
    // Shorter than the pause before a retry.
    expect(performance.now() - before).toBeLessThan(scaled(190));
    expect(asked).toBe(3);
  });

  test('is opened for each concurrent reply', async () => {
    const together = 30;
    const all = Promise.withResolvers<void>();
    server.otherwise = async (reply, received) => {
      if (server.requests.length === together) all.resolve();
      await all.promise;
      await says(['all'])(reply, received);
    };
    const one = modelOf(server);
    const outcomes = await Promise.all(Array.from({ length: together }, () => ask(one)));
    expect(outcomes.every(({ error }) => error === undefined)).toBe(true);
    expect(server.connections).toBe(together);
  });
});
