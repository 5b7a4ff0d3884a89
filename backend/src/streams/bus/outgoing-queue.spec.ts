import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { EventBatch } from '../log/committed-batch.js';
import type { BusItem } from './bus-message.js';
import { OutgoingQueue } from './outgoing-queue.js';

/** A bus whose sends are completed by the test. */
class SlowBus {
  readonly sent: (readonly BusItem[])[] = [];
  readonly rests: number[] = [];
  readonly queue = new OutgoingQueue(
    (items) => {
      this.sent.push(items);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      Object.assign(this, { resolve, reject });
      return promise;
    },
    (ms) => {
      this.rests.push(ms);
      return nextTurn();
    },
  );
  private resolve: () => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;

  add(stream: string, seq: number, text = ''): void {
    const data = { runId: 'run', messageId: 'message', offset: 0, text };
    this.queue.add(new EventBatch(stream, 'epoch', [{ seq, type: 'run.delta', at: 5, data }]));
  }

  async taken(): Promise<void> {
    this.resolve();
    await nextTurn();
    await nextTurn();
  }

  async fails(): Promise<void> {
    this.reject(new Error('The bus broke down'));
    await nextTurn();
  }

  get kinds(): string[] {
    return this.sent.map((items) => items.map(({ kind }) => kind).join(' '));
  }
}

describe('the queue of items for other processes', () => {
  it('sends all items of one turn together, and then all that were added during that send', async () => {
    const bus = new SlowBus();
    bus.queue.open();
    bus.add('a', 1);
    bus.add('b', 1);
    await nextTurn();
    for (let seq = 2; seq < 5; seq += 1) bus.add('a', seq);
    await nextTurn();
    expect(bus.kinds).toEqual(['events events']);
    await bus.taken();
    expect(bus.kinds).toEqual(['events events', 'events events events']);
  });

  it('replaces events by heads when too much waits, then all by one item, and then stops growing', async () => {
    const bus = new SlowBus();
    bus.queue.open();
    bus.add('a', 1);
    await nextTurn();
    const text = 'x'.repeat(100_000);
    for (let seq = 2; seq < 100; seq += 1) bus.add(`stream ${seq % 3}`, seq, text);
    expect(bus.queue.waitingBytes).toBe(0);
    await bus.taken();
    expect(bus.sent[1]?.map(({ line }) => line)).toEqual(['h stream 2 98', 'h stream 0 99', 'h stream 1 97']);

    for (let n = 0; n < 5_000; n += 1) bus.add(`stream ${n}`, 1, text.slice(0, 1_000));
    await bus.taken();
    expect(bus.kinds[2]).toBe('many');
    await bus.taken();
    bus.add('a', 2);
    await nextTurn();
    expect(bus.kinds.slice(3)).toEqual(['events']);
  });

  it('pauses longer between two sends the longer they take, up to a limit', async () => {
    const bus = new SlowBus();
    const now = jest.spyOn(performance, 'now');
    bus.queue.open();
    for (let at = 0; at < 40; at += 1) {
      now.mockReturnValue(at * 1_000);
      bus.add('a', at + 1);
      await nextTurn();
      now.mockReturnValue(at * 1_000 + (at < 20 ? 1 : 500));
      await bus.taken();
    }
    now.mockRestore();
    expect(bus.sent).toHaveLength(40);
    expect(bus.rests[0]).toBeLessThan(1);
    expect(bus.rests[19]).toBeCloseTo(2, 0);
    expect(bus.rests[39]).toBe(20);
  });

  it('drops everything while there is no connection, and sends one item for it afterwards', async () => {
    const bus = new SlowBus();
    for (let seq = 1; seq < 10; seq += 1) bus.add('a', seq);
    await nextTurn();
    expect(bus.sent).toEqual([]);
    bus.queue.open();
    await nextTurn();
    expect(bus.kinds).toEqual(['many']);
    bus.add('a', 10);
    bus.queue.close();
    await bus.fails();
    bus.queue.open();
    await nextTurn();
    expect(bus.kinds).toEqual(['many', 'many']);
  });
});
