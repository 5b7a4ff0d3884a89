import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import { EventBatch } from '../log/committed-batch.js';
import { eventsItem, headerOf, headItem, linesOf, MANY, readLine } from './bus-message.js';
import { payloadsOf } from './notify-bus.js';

const batchOf = (stream: string, text: string): EventBatch =>
  new EventBatch(stream, 'epoch', [
    { seq: 7, type: 'run.delta', at: 5, data: { runId: 'run', messageId: 'message', offset: 0, text } },
    { seq: 8, type: 'run.delta', at: 5, data: { runId: 'run', messageId: 'message', offset: 1, text } },
  ]);
const all = (): boolean => true;
const readAll = (payloads: readonly string[]) =>
  payloads.flatMap((payload) => linesOf(payload, headerOf(1)).map((line) => readLine(line, all)));

describe('a message on the bus', () => {
  it.each(['plain', 'a\n b\r\n\u2028', '"\ud800"\u0000', 'e x y 1 2', ''])('has the events as they are: %j', (text) => {
    const batch = batchOf('conversation:one', text);
    const [item] = readAll(payloadsOf(42, [eventsItem(batch)]));
    if (item?.kind !== 'events') throw new Error('expected events');
    const { stream, epoch, firstSeq, lastSeq, json, events } = item.batch;
    expect({ stream, epoch, firstSeq, lastSeq, json }).toEqual({
      stream: 'conversation:one',
      epoch: 'epoch',
      firstSeq: 7,
      lastSeq: 8,
      json: batch.json,
    });
    expect(events).toEqual((JSON.parse(batch.json) as { events: unknown }).events);
  });

  it('is ignored by its sender, and for streams that are not followed', () => {
    const [payload = ''] = payloadsOf(42, [eventsItem(batchOf('conversation:one', 'x')), headItem('user:two', 3)]);
    expect(linesOf(payload, headerOf(42))).toEqual([]);
    // Process 4 must not ignore it: its number is only a prefix.
    expect(linesOf(payload, headerOf(4))).toHaveLength(2);
    expect(linesOf(payload, headerOf(1)).map((line) => readLine(line, (stream) => stream === 'user:two'))).toEqual([
      undefined,
      { kind: 'head', stream: 'user:two', seq: 3 },
    ]);
  });

  it('fits into notifications of PostgreSQL: events that are too long are replaced by the head', () => {
    const items = [
      ...Array.from({ length: 100 }, (_, n) => eventsItem(batchOf(`conversation:${n}`, 'ä'.repeat(n)))),
      eventsItem(batchOf('conversation:long', 'ä'.repeat(2_000))),
      MANY,
    ];
    const payloads = payloadsOf(2_147_483_647, items);
    for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
    const received = readAll(payloads);
    expect(received.map((item) => item?.kind)).toEqual([...Array<string>(100).fill('events'), 'head', 'many']);
    expect(received.at(-2)).toEqual({ kind: 'head', stream: 'conversation:long', seq: 8 });
    expect(payloads.length).toBeLessThan(8);
  });

  it.each(['', 'd 3 12 99 0199-ab', 'nothing of ours', '3 1\nm', '2'])('is not read in another form: %j', (message) => {
    expect(linesOf(message, headerOf(1)).flatMap((line) => readLine(line, all) ?? [])).toEqual([]);
  });
});
