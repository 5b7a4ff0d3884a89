import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type TurnKind, Turns } from './turns.js';

/** A turn that ends when it is told to. */
function held(): { readonly work: () => Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

const busyFor = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until;);
};

describe('Turns', () => {
  it('runs synchronously what comes while nothing else runs', () => {
    const turns = new Turns();
    let ran = false;
    void turns.run('commands', () => (ran = true));
    expect(ran).toBe(true);
  });

  it('runs what has waited as a part of the request that asked for it, not of the one that was before it', async () => {
    const turns = new Turns();
    const requests = new AsyncLocalStorage<string>();
    const first = held();
    const seen: [string, string | undefined][] = [];
    const ask = (name: string, kind: TurnKind): Promise<unknown> =>
      requests.run(name, () =>
        turns.run(kind, async () => {
          seen.push([name, requests.getStore()]);
          await nextTurnOfTheLoop();
          seen.push([name, requests.getStore()]);
        }),
      );
    const done: Promise<unknown>[] = [requests.run('first', () => turns.run('commands', first.work))];
    for (const name of ['second', 'third']) done.push(ask(name, 'commands'), ask(`${name} reads`, 'reads'));
    first.end();
    await Promise.all(done);
    expect(seen).toHaveLength(8);
    for (const [asked, served] of seen) expect(served).toBe(asked);
  });

  it('runs one at a time, the most urgent first, and each in the order of its kind', async () => {
    const turns = new Turns();
    const first = held();
    const order: string[] = [];
    const note = (name: string) => async () => {
      order.push(name);
      await nextTurnOfTheLoop();
      order.push(`${name} ended`);
    };
    const done = [turns.run('upkeep', first.work)];
    for (const [kind, name] of [
      ['upkeep', 'compact'],
      ['reads', 'list'],
      ['commands', 'send 1'],
      ['commands', 'send 2'],
      ['tokens', 'token'],
    ] as [TurnKind, string][]) {
      done.push(turns.run(kind, note(name)));
    }
    first.end();
    await Promise.all(done);
    const expected = ['token', 'send 1', 'send 2', 'list', 'compact'];
    expect(order).toEqual(expected.flatMap((name) => [name, `${name} ended`]));
  });

  it('lets the event loop come round between turns that take long, and tokens at once', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const done = [1, 2].map((n) =>
      turns.run('commands', () => {
        busyFor(6);
        order.push(`send ${n}`);
      }),
    );
    // What a socket brings meanwhile.
    setImmediate(() => void turns.run('tokens', () => order.push('token')));
    done.push(turns.run('tokens', () => void order.push('early token')));
    await Promise.all(done);
    expect(order.indexOf('early token')).toBeLessThan(order.indexOf('send 2'));
    expect(order[0]).toBe('send 1');
  });

  it('goes on after a turn that failed, at once or later', async () => {
    const turns = new Turns();
    const fails = () => {
      throw new Error('no');
    };
    await expect(turns.run('commands', fails)).rejects.toThrow('no');
    await expect(turns.run('commands', () => Promise.reject(new Error('later')))).rejects.toThrow('later');
    await expect(turns.run('commands', () => 'yes')).resolves.toBe('yes');
  });

  it('is idle when everything has ended', async () => {
    const turns = new Turns();
    const one = held();
    let ended = 0;
    void turns.run('reads', one.work).then(() => ended++);
    void turns.run('reads', () => void ended++);
    setTimeout(one.end, 5);
    await turns.idle();
    await nextTurnOfTheLoop();
    expect(ended).toBe(2);
  });
});
