import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Meta } from '../../src/database/meta.entity.js';
import type { SubscribeResult } from '../../src/protocol/index.js';
import { insertEvents, raiseHeads } from '../../src/streams/log/stream-tables.js';
import { append, LogBench, newStream, seqsOf, textOf, textsOf, upTo } from './log-bench.js';

/** The guarantees of the log, on the database of the test run; two processes share it. */
describe('the log', () => {
  let bench: LogBench;
  beforeAll(async () => {
    bench = await LogBench.open();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const epochNow = async (): Promise<string> => {
    const { epoch } = await bench.one.subscribe(newStream());
    return epoch;
  };
  const replayed = (result: SubscribeResult) => {
    if (result.mode !== 'events') throw new Error('expected events');
    return result.events;
  };

  it('[L1] numbers from 1 without holes, with concurrent writers in several processes', async () => {
    const streams = Array.from({ length: 5 }, newStream);
    const positions = await Promise.all(
      Array.from({ length: 120 }, async (_, n) => {
        const process = n % 2 === 0 ? bench.one : bench.other;
        const stream = streams[n % streams.length] ?? '';
        // Some transactions fail: a rollback must not use up a number.
        if (n % 7 === 3) {
          const failed = process.log.write((transaction) => {
            append(transaction, stream, 'never');
            return Promise.reject(new Error('changed its mind'));
          });
          await expect(failed).rejects.toThrow('changed its mind');
          return undefined;
        }
        return { stream, seq: await process.write(stream, `${n} `), text: `${n} ` };
      }),
    );
    for (const stream of streams) {
      const events = await bench.one.committed(stream);
      const mine = positions.filter((position) => position?.stream === stream);
      expect(seqsOf(events)).toEqual(upTo(mine.length));
      // Each writer got the number that the event has in the log.
      for (const position of mine)
        expect(events[(position?.seq ?? 0) - 1]).toMatchObject({ data: { text: position?.text } });
    }
  });

  it('[L1] numbers any mixture of transactions over several streams in order', async () => {
    const batches = fc.array(fc.array(fc.nat(2), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(batches, async (transactions) => {
        const streams = [newStream(), newStream(), newStream()];
        const expected = new Map<string, string[]>(streams.map((stream) => [stream, []]));
        await Promise.all(
          transactions.map((appends, number) =>
            (number % 2 === 0 ? bench.one : bench.other).log.write(async (transaction) => {
              for (const [at, pick] of appends.entries()) append(transaction, streams[pick] ?? '', `${number}.${at}`);
              return Promise.resolve();
            }),
          ),
        );
        for (const [number, appends] of transactions.entries()) {
          for (const [at, pick] of appends.entries()) expected.get(streams[pick] ?? '')?.push(`${number}.${at}`);
        }
        for (const stream of streams) {
          const events = await bench.other.committed(stream);
          expect(seqsOf(events)).toEqual(upTo(expected.get(stream)?.length ?? 0));
          const texts = textsOf(events);
          expect([...texts].sort()).toEqual([...(expected.get(stream) ?? [])].sort());
          // Events of one transaction stay together and in the order of the calls.
          for (const number of transactions.keys()) {
            const own = texts.flatMap((text, index) => (text.startsWith(`${number}.`) ? [index] : []));
            expect(own).toEqual(own.map((_, index) => (own[0] ?? 0) + index));
            const mine = texts.filter((text) => text.startsWith(`${number}.`));
            expect(mine).toEqual([...mine].sort());
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('[L2] publishes only events that another connection can already read', async () => {
    const stream = newStream();
    const seen: Promise<readonly [number, number]>[] = [];
    bench.one.log.onCommitted((batch) => {
      if (batch.stream !== stream) return;
      const last = batch.events.at(-1)?.seq ?? 0;
      seen.push(bench.other.committed(stream).then((events) => [last, events.length] as const));
    });
    for (let n = 1; n <= 20; n += 1) {
      await bench.one.log.write(async (transaction) => {
        append(transaction, stream, `${n}`);
        // Not published while the transaction may still fail.
        expect(seen).toHaveLength(n - 1);
        return Promise.resolve();
      });
      expect(seen).toHaveLength(n);
    }
    for (const [received, readable] of await Promise.all(seen)) expect(readable).toBeGreaterThanOrEqual(received);
  });

  it('[L2] publishes nothing of a transaction that fails, at any point', async () => {
    const stream = newStream();
    await bench.one.write(stream, 'first');
    const before = bench.one.received.length;
    const early = bench.one.log.write(() => Promise.reject(new Error('early')));
    await expect(early).rejects.toThrow('early');
    const late = bench.one.log.write(async (transaction) => {
      append(transaction, stream, 'never');
      // The database itself refuses this at the flush, after the callback.
      transaction.em.create(Meta, { key: 'epoch', value: 'a second one' });
      return Promise.resolve();
    });
    await expect(late).rejects.toThrow();
    expect(bench.one.received).toHaveLength(before);
    expect(await bench.one.write(stream, 'second')).toBe(2);
    expect(textsOf(await bench.other.committed(stream))).toEqual(['first', 'second']);
  });

  it('publishes in the order of the numbers', async () => {
    const stream = newStream();
    await Promise.all(Array.from({ length: 50 }, (_, n) => bench.one.write(stream, `${n}`)));
    const received = bench.one.received
      .filter((batch) => batch.stream === stream)
      .flatMap(({ events }) => seqsOf(events));
    expect(received).toEqual(upTo(50));
  });

  it('[L3] gives a reader exactly what follows its cursor', async () => {
    const stream = newStream();
    for (const n of upTo(10)) await bench.one.write(stream, `${n} `);
    const epoch = await epochNow();
    for (const seq of [0, 3, 9]) {
      const result = await bench.other.subscribe(stream, { epoch, seq });
      expect(seqsOf(replayed(result))).toEqual(upTo(10).slice(seq));
      expect(result).toMatchObject({ head: 10, epoch });
    }
    expect(replayed(await bench.other.subscribe(stream, { epoch, seq: 10 }))).toEqual([]);
  });

  it.each([
    ['none', undefined],
    ['one of another epoch', { epoch: 'another', seq: 3 }],
    ['one that the log has not reached', { seq: 11 }],
  ])('gives a snapshot for an invalid cursor: %s', async (_what, cursor) => {
    const stream = newStream();
    for (const n of upTo(10)) await bench.one.write(stream, `${n} `);
    const after = cursor && { epoch: await epochNow(), ...cursor };
    expect(await bench.other.subscribe(stream, after)).toMatchObject({ mode: 'snapshot', seq: 10 });
  });

  it('gives a snapshot to a cursor that is more than 500 events or 256 KiB behind', async () => {
    const epoch = await epochNow();
    const [many, large] = [newStream(), newStream()];
    await bench.one.log.write((transaction) => {
      for (let n = 0; n < 501; n += 1) append(transaction, many, '.');
      return Promise.resolve();
    });
    expect(await bench.other.subscribe(many, { epoch, seq: 0 })).toMatchObject({ mode: 'snapshot', seq: 501 });
    expect(replayed(await bench.other.subscribe(many, { epoch, seq: 1 }))).toHaveLength(500);
    for (let n = 0; n < 5; n += 1) await bench.one.write(large, 'x'.repeat(60_000));
    expect(await bench.other.subscribe(large, { epoch, seq: 0 })).toMatchObject({ mode: 'snapshot', seq: 5 });
    expect(replayed(await bench.other.subscribe(large, { epoch, seq: 1 }))).toHaveLength(4);
  });

  it('[L4] gives snapshots that equal a later one once the events between them are applied', async () => {
    const stream = newStream();
    const writing = Promise.all(upTo(60).map((n) => (n % 2 === 0 ? bench.one : bench.other).write(stream, `${n} `)));
    const snapshots: { readonly seq: number; readonly epoch: string; readonly state: unknown }[] = [];
    const writers = { areDone: false };
    void writing.catch(() => undefined).then(() => (writers.areDone = true));
    while (!writers.areDone) {
      const result = await bench.other.subscribe(stream);
      if (result.mode === 'snapshot') snapshots.push(result);
      // SQLite answers without yielding to others.
      await nextTurn();
    }
    await writing;
    const last = await bench.one.subscribe(stream);
    if (last.mode !== 'snapshot') throw new Error('expected a snapshot');
    expect(last.seq).toBe(60);
    for (const { seq, epoch, state } of snapshots) {
      const rest = replayed(await bench.one.subscribe(stream, { epoch, seq }));
      expect(`${String(state)}${textOf(rest)}`).toBe(last.state);
    }
  });

  it('drops old events, and gives a snapshot to cursors from before them', async () => {
    const stream = newStream();
    for (const n of upTo(5)) await bench.one.write(stream, `${n} `);
    const epoch = await epochNow();
    const between = Date.now() + 1;
    while (Date.now() <= between) await bench.one.subscribe(stream);
    for (const n of [6, 7]) await bench.one.write(stream, `${n} `);
    await bench.other.compactor.compact(between);
    expect(seqsOf(await bench.one.committed(stream))).toEqual([6, 7]);
    for (const seq of [0, 4]) {
      expect(await bench.one.subscribe(stream, { epoch, seq })).toMatchObject({ mode: 'snapshot', seq: 7 });
    }
    expect(seqsOf(replayed(await bench.one.subscribe(stream, { epoch, seq: 5 })))).toEqual([6, 7]);
    // Numbering continues, even when all events were dropped.
    await bench.one.compactor.compact(Date.now() + 1);
    expect(await bench.one.committed(stream)).toEqual([]);
    expect(await bench.other.write(stream, 'on')).toBe(8);
    expect(seqsOf(replayed(await bench.one.subscribe(stream, { epoch, seq: 7 })))).toEqual([8]);
  });

  it('keeps held events of any age until they are released', async () => {
    const [held, free] = [newStream(), newStream()];
    for (const n of upTo(5)) for (const stream of [held, free]) await bench.one.write(stream, `${n} `);
    let first: number | undefined = 3;
    bench.one.compactor.addHold(() => Promise.resolve(new Map(first === undefined ? [] : [[held, first]])));
    // Of several holds the oldest wins.
    bench.one.compactor.addHold(() => Promise.resolve(new Map([[held, 4]])));
    await bench.one.compactor.compact(Date.now() + 1);
    expect(seqsOf(await bench.one.committed(held))).toEqual([3, 4, 5]);
    expect(await bench.one.committed(free)).toEqual([]);
    first = undefined;
    await bench.one.compactor.compact(Date.now() + 1);
    expect(seqsOf(await bench.one.committed(held))).toEqual([4, 5]);
  });

  it('drops any number of old events in steps, past held ones, also with the same timestamp', async () => {
    const held = Array.from({ length: 3 }, newStream);
    const free = Array.from({ length: 3 }, newStream);
    const at = 1_000;
    await bench.one.database.transaction(async (transaction) => {
      const streams = [...held, ...free];
      await raiseHeads(
        transaction,
        streams.map((stream) => ({ stream, by: 300, floor: 0 })),
      );
      const data = { runId: randomUUID(), messageId: randomUUID(), offset: 0, text: 'old ' };
      const events = upTo(300).map((seq) => ({ seq, at, type: 'run.delta' as const, data }));
      await insertEvents(
        transaction,
        streams.map((stream) => ({ stream, epoch: '', events })),
      );
    });
    bench.one.compactor.addHold((_transaction, streams) =>
      Promise.resolve(new Map(streams.filter((stream) => held.includes(stream)).map((stream) => [stream, 101]))),
    );
    await bench.one.compactor.compact(at + 1);
    for (const stream of free) expect(await bench.one.committed(stream)).toEqual([]);
    for (const stream of held) expect(await bench.one.committed(stream)).toHaveLength(200);
  });

  it('notices a new epoch at once, in writes, replays and heads', async () => {
    const stream = newStream();
    await bench.one.write(stream, 'old');
    const old = await epochNow();
    await bench.other.database.write((em) => em.nativeUpdate(Meta, { key: 'epoch' }, { value: 'after a restore' }));
    await bench.one.write(stream, 'new');
    expect(bench.one.received.at(-1)).toMatchObject({ epoch: 'after a restore' });
    expect(await bench.one.subscribe(stream, { epoch: old, seq: 1 })).toMatchObject({
      mode: 'snapshot',
      epoch: 'after a restore',
    });
    expect(await bench.one.reader.heads([stream])).toEqual({
      epoch: 'after a restore',
      seqs: new Map([[stream, 2]]),
    });
    expect(await bench.one.reader.eventsAfter(stream, 1)).toMatchObject({ epoch: 'after a restore' });
  });
});
