import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type Priority, TransactionQueue } from './transaction-queue.js';

/** A turn that the test ends. */
function held(): { readonly work: () => Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

const busyFor = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until;);
};

describe('TransactionQueue', () => {
  it('runs work synchronously while nothing else runs', () => {
    const queue = new TransactionQueue();
    let ran = false;
    void queue.run('commands', () => (ran = true));
    expect(ran).toBe(true);
  });

  it('runs waiting work in the async context of its own request, not of the previous one', async () => {
    const queue = new TransactionQueue();
    const requests = new AsyncLocalStorage<string>();
    const first = held();
    const seen: [string, string | undefined][] = [];
    const ask = (name: string, kind: Priority): Promise<unknown> =>
      requests.run(name, () =>
        queue.run(kind, async () => {
          seen.push([name, requests.getStore()]);
          await nextTurnOfTheLoop();
          seen.push([name, requests.getStore()]);
        }),
      );
    const done: Promise<unknown>[] = [requests.run('first', () => queue.run('commands', first.work))];
    for (const name of ['second', 'third']) done.push(ask(name, 'commands'), ask(`${name} reads`, 'reads'));
    first.end();
    await Promise.all(done);
    expect(seen).toHaveLength(8);
    for (const [asked, served] of seen) expect(served).toBe(asked);
  });

  it('runs one at a time, the most urgent first, and each in the order of its kind', async () => {
    const queue = new TransactionQueue();
    const first = held();
    const order: string[] = [];
    const note = (name: string) => async () => {
      order.push(name);
      await nextTurnOfTheLoop();
      order.push(`${name} ended`);
    };
    const done = [queue.run('upkeep', first.work)];
    for (const [kind, name] of [
      ['upkeep', 'compact'],
      ['reads', 'list'],
      ['commands', 'send 1'],
      ['commands', 'send 2'],
      ['tokens', 'token'],
    ] as [Priority, string][]) {
      done.push(queue.run(kind, note(name)));
    }
    first.end();
    await Promise.all(done);
    const expected = ['token', 'send 1', 'send 2', 'list', 'compact'];
    expect(order).toEqual(expected.flatMap((name) => [name, `${name} ended`]));
  });

  it('lets the event loop run between turns that take long, and runs tokens at once', async () => {
    const queue = new TransactionQueue();
    const order: string[] = [];
    const done = [1, 2].map((n) =>
      queue.run('commands', () => {
        busyFor(6);
        order.push(`send ${n}`);
      }),
    );
    // As if a socket had data in the meantime.
    setImmediate(() => void queue.run('tokens', () => order.push('token')));
    done.push(queue.run('tokens', () => void order.push('early token')));
    await Promise.all(done);
    expect(order.indexOf('early token')).toBeLessThan(order.indexOf('send 2'));
    expect(order[0]).toBe('send 1');
  });

  it('continues after a turn that failed, synchronously or later', async () => {
    const queue = new TransactionQueue();
    const fails = () => {
      throw new Error('no');
    };
    await expect(queue.run('commands', fails)).rejects.toThrow('no');
    await expect(queue.run('commands', () => Promise.reject(new Error('later')))).rejects.toThrow('later');
    await expect(queue.run('commands', () => 'yes')).resolves.toBe('yes');
  });

  it('is idle when everything has ended', async () => {
    const queue = new TransactionQueue();
    const one = held();
    let ended = 0;
    void queue.run('reads', one.work).then(() => ended++);
    void queue.run('reads', () => void ended++);
    setTimeout(one.end, 5);
    await queue.idle();
    await nextTurnOfTheLoop();
    expect(ended).toBe(2);
  });
});
