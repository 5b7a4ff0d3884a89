import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import { EventBatch } from './committed-batch.js';
import { MAX_NOTICE_BYTES, noticeOf, parseNotice, senderOf } from './notices.js';

const batchOf = (stream: string, text: string): EventBatch =>
  new EventBatch(stream, 'epoch', [
    { seq: 7, type: 'run.delta', at: 5, data: { runId: 'run', messageId: 'message', offset: 0, text } },
  ]);

describe('a notice', () => {
  it('has the events of a transaction where they are short', () => {
    const batches = [batchOf('conversation:one', 'a\n b'), batchOf('user:two', '"\ud800"')];
    const notice = noticeOf(42, batches);
    expect(senderOf(notice)).toBe(42);
    expect(parseNotice(notice)).toEqual({
      kind: 'events',
      process: 42,
      batches: batches.map(({ json }) => JSON.parse(json) as unknown),
    });
  });

  it('has the names of streams whose events are long, and none where they are many', () => {
    const long = noticeOf(2_147_483_647, [batchOf('conversation:one', 'ä'.repeat(4_000))]);
    expect(parseNotice(long)).toEqual({ kind: 'heads', process: 2_147_483_647, heads: [['conversation:one', 7]] });
    const many = noticeOf(
      1,
      Array.from({ length: 1_000 }, (_, n) => batchOf(`conversation:${n}`, '')),
    );
    expect(parseNotice(many)).toEqual({ kind: 'many', process: 1 });
    for (const notice of [long, many]) expect(Buffer.byteLength(notice)).toBeLessThanOrEqual(MAX_NOTICE_BYTES);
  });

  it('has the place of a row of the journal, and the row where it is short', () => {
    const place = { kind: 'deltas', process: 3, n: 12, at: 99, epoch: '0199-ab' };
    expect(parseNotice('d 3 12 99 0199-ab')).toEqual({ ...place, data: undefined });
    const data = '[["run",1,0,"a b\\n"]]';
    expect(parseNotice(`d 3 12 99 0199-ab ${data}`)).toEqual({ ...place, data });
  });

  it.each(['', 'x 1 2', 'nothing of ours', 'm'])('means nothing when another version made it: %j', (payload) => {
    expect(parseNotice(payload)).toBeUndefined();
  });
});
