import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../common/handlers/principal.js';
import type { Config } from '../config/config.js';
import type { SubscribeResult } from '../protocol/index.js';
import type { StreamReader } from '../streams/log/stream-reader.js';
import type { BroadcasterService } from './delivery/broadcaster.service.js';
import type { ChatSocket } from './sockets/chat-socket.js';
import { SubscriptionsService } from './subscriptions.service.js';

const STREAM = 'conversation:1';
const PRINCIPAL: Principal = { userId: 'u', sessionId: 's', role: 'user' };
const GRANTED: SubscribeResult = { mode: 'snapshot', epoch: 'e', seq: 1, state: {} };

/** A socket, and a log whose answers are given by the test, in any order. */
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

const failure = new Error('The database did not answer.');

describe('subscriptions of one socket to one stream [L3]', () => {
  it('last although an earlier attempt, which the tab has given up, fails late', async () => {
    const { answers, rooms, subscribe } = stage();
    const [late, granted] = [subscribe(), subscribe()];
    answers[1]?.resolve(GRANTED);
    await granted;
    answers[0]?.reject(failure);
    await expect(late).rejects.toBe(failure);
    expect(rooms).toContain(STREAM);
  });

  it('end where the newest attempt fails, whatever an earlier one has read', async () => {
    const { answers, rooms, subscribe } = stage();
    const [early, refused] = [subscribe(), subscribe()];
    answers[1]?.reject(failure);
    await expect(refused).rejects.toBe(failure);
    answers[0]?.resolve(GRANTED);
    await early;
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

  it('end when a new attempt is refused', async () => {
    const { answers, rooms, subscribe } = stage();
    const granted = subscribe();
    answers[0]?.resolve(GRANTED);
    await granted;
    const refused = subscribe();
    answers[1]?.reject(failure);
    await expect(refused).rejects.toBe(failure);
    expect(rooms).not.toContain(STREAM);
  });
});
