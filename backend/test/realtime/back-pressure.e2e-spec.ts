import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { BroadcasterService } from '../../src/realtime/delivery/broadcaster.service.js';
import type { ChatServer } from '../../src/realtime/sockets/chat-socket.js';
import type { ConversationEvent } from '../../src/protocol/index.js';
import { says } from '../../testing/model/script.js';
import { begin, foldAll, lastText, newMessage, stateOf } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { clog, LONG, webSocketOf } from './deaf-tab.js';

/** A conversation with that reply, a tab that reads, and one that subscribes and then stops reading. */
async function begun(env: Record<string, string>) {
  const server = await TestServer.start(env);
  const person = await server.signIn('Ada');
  const reading = await server.connect(person);
  server.model.next(says(LONG));
  const { stream, conversationId } = await begin(reading);
  await reading.follow(stream);
  await reading.event(stream, 'run.finished');
  const deaf = await server.connect(person);
  const start = await deaf.subscribe(stream);
  const { _socket: tcp } = webSocketOf(deaf);
  tcp.pause();
  const answer = async (): Promise<void> => {
    const { runId } = await reading.command('message:send', newMessage('And now?', conversationId));
    await reading.event(stream, 'run.finished', (data) => data.runId === runId);
  };
  return {
    server,
    reading,
    deaf,
    start,
    stream,
    tcp,
    answer,
    async [Symbol.asyncDispose](): Promise<void> {
      // It would not notice that the server is gone, and would keep the tests from ending.
      tcp.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

function namespace(server: TestServer): ReturnType<ChatServer['of']> {
  return (Reflect.get(server.get(BroadcasterService), 'server') as ChatServer).of('/');
}

const listeners = (server: TestServer, stream: string): number =>
  namespace(server).adapter.rooms.get(stream)?.size ?? 0;

/** Waits until only the tab that reads is connected. To be out of the room is not enough: it comes before. */
const whenClosed = (server: TestServer): Promise<true> =>
  until(() => namespace(server).sockets.size === 1, 'closed', 40_000);

describe('a tab that does not read', () => {
  it('[L11] is removed from the room, notified once it reads, and can catch up', async () => {
    await using test = await begun({ LAGGING_BYTES: '400000', LAGGING_MS: '60000' });
    const { server, deaf, reading, stream, start } = test;
    const lagging: string[] = [];
    deaf.socket.on('stream:lagging', ({ stream: name }) => lagging.push(name));
    await until(
      async () => {
        clog(deaf, stream);
        await delay(400);
        return listeners(server, stream) === 1;
      },
      'taken out',
      25_000,
    );
    await test.answer();
    expect(lagging).toEqual([]);
    test.tcp.resume();
    await until(() => lagging.includes(stream), 'the tab was warned');

    const missed = await deaf.subscribe(stream, { epoch: start.epoch, seq: start.mode === 'snapshot' ? start.seq : 0 });
    if (missed.mode !== 'events') throw new Error('expected events');
    const state = foldAll(stateOf(start), missed.events as readonly ConversationEvent[]);
    expect(lastText(state)).toBe('Hello, world!');
    expect(state).toEqual(stateOf(await reading.subscribe(stream)));
  });

  it('[L11] is disconnected when its buffer grows too large, without effect on the others', async () => {
    await using test = await begun({ LAGGING_BYTES: '400000', LAGGING_MS: '60000' });
    for (let n = 0; n < 60; n++) clog(test.deaf, test.stream);
    await test.answer();
    await whenClosed(test.server);
    test.tcp.resume();
    await until(() => test.deaf.disconnectReason, 'noticed');
    await test.answer();
  });

  it('[L11] is disconnected when it lags for too long, with any buffer size, in spite of its pongs', async () => {
    await using test = await begun({ LAGGING_BYTES: '100000000', LAGGING_MS: '2000' });
    for (let n = 0; n < 60; n++) clog(test.deaf, test.stream);
    // Engine.IO's pong: it tells the server that a client is alive.
    const pongs = setInterval(() => webSocketOf(test.deaf).send('3'), 50);
    await whenClosed(test.server);
    clearInterval(pongs);
    await test.answer();
  });
});
