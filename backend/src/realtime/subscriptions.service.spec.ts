import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../common/handlers/principal.js';
import type { Config } from '../config/config.js';
import { ChatError, type SubscribeResult } from '../protocol/index.js';
import type { StreamReader } from '../streams/log/stream-reader.js';
import type { BroadcasterService } from './delivery/broadcaster.service.js';
import type { ChatSocket } from './sockets/chat-socket.js';
import { SubscriptionsService } from './subscriptions.service.js';

const STREAM = 'conversation:1';
const PRINCIPAL: Principal = { userId: 'u', sessionId: 's', role: 'user' };
const GRANTED: SubscribeResult = { mode: 'snapshot', epoch: 'e', seq: 1, state: {} };

/** A socket, and a log whose answers the test gives, in any order. */
function stage() {
  const rooms = new Set(['id']);
  const leave = (room: string): Promise<void> => Promise.resolve(void rooms.delete(room));
  const socket = { id: 'id', connected: true, rooms, data: { role: 'user' }, leave } as unknown as ChatSocket;
  const answers: PromiseWithResolvers<SubscribeResult>[] = [];
  const reader = {
    subscribe: () => {
      const answer = Promise.withResolvers<SubscribeResult>();
      answers.push(answer);
      return answer.promise;
    },
  } as unknown as StreamReader;
  const broadcaster = {
    join: (stream: string) => ({ finish: () => void rooms.add(stream), [Symbol.dispose]: () => undefined }),
  } as unknown as BroadcasterService;
  const config = { limits: { subscriptionsPerSocket: 10 } } as Config;
  const service = new SubscriptionsService(config, reader, broadcaster);
  const subscribe = () => service.subscribe(socket, PRINCIPAL, { stream: STREAM });
  return { answers, rooms, service, socket, subscribe };
}

const failure = new ChatError('storage', 'The database did not answer.');
const refusal = new ChatError('not_found', 'There is no such conversation.');

describe('subscriptions of one socket to one stream [L3]', () => {
  it('stay when an earlier attempt, which the tab has given up, fails late', async () => {
    const { answers, rooms, subscribe } = stage();
    for (const late of [failure, refusal]) {
      const [given, granted] = [subscribe(), subscribe()];
      answers.at(-1)?.resolve(GRANTED);
      await granted;
      answers.at(-2)?.reject(late);
      await expect(given).rejects.toBe(late);
      expect(rooms).toContain(STREAM);
    }
  });

  it('stay when a newer attempt fails with a retryable error', async () => {
    const { answers, rooms, subscribe } = stage();
    const [granted, failed] = [subscribe(), subscribe()];
    answers[0]?.resolve(GRANTED);
    await granted;
    answers[1]?.reject(failure);
    await expect(failed).rejects.toBe(failure);
    expect(rooms).toContain(STREAM);
  });

  it('end when the newest attempt is refused with an error that is not retryable', async () => {
    const { answers, rooms, subscribe } = stage();
    const granted = subscribe();
    answers[0]?.resolve(GRANTED);
    await granted;
    const refused = subscribe();
    answers[1]?.reject(refusal);
    await expect(refused).rejects.toBe(refusal);
    expect(rooms).not.toContain(STREAM);
  });

  it('do not come back when the tab has left while they were read', async () => {
    const { answers, rooms, service, socket, subscribe } = stage();
    const pending = subscribe();
    await service.unsubscribe(socket, STREAM);
    answers[0]?.resolve(GRANTED);
    await pending;
    expect(rooms).not.toContain(STREAM);
  });
});
