import { describe, expect, it } from '@jest/globals';
import type { StreamEvents } from '../../protocol/index.js';
import { TellingOrder } from './publish-queue.js';

const batch = (stream: string, ...seqs: number[]): StreamEvents => ({
  stream,
  epoch: 'one',
  events: seqs.map((seq) => ({ seq, type: 'conversation.deleted', at: 0, data: { id: stream } })),
});

describe('TellingOrder', () => {
  const begin = () => {
    const told: string[] = [];
    const order = new TellingOrder<StreamEvents>(({ stream, events }) => {
      for (const { seq } of events) told.push(`${stream}${seq}`);
    });
    return { told, order };
  };

  it('waits for the word of an earlier commit of the same stream, and of no other', () => {
    const { told, order } = begin();
    const first = order.announce([batch('a', 1)]);
    const second = order.announce([batch('a', 2, 3), batch('b', 1)]);
    second.committed();
    expect(told).toEqual(['b1']);
    first.committed();
    expect(told).toEqual(['b1', 'a1', 'a2', 'a3']);
  });

  it('does not wait for what has failed', () => {
    const { told, order } = begin();
    const failing = order.announce([batch('a', 1)]);
    // The number is free again as soon as the database has rolled back, which may be heard of later.
    const next = order.announce([batch('a', 1)]);
    next.committed();
    expect(told).toEqual([]);
    failing.withdrawn();
    expect(told).toEqual(['a1']);
  });

  it('tells a commit that was announced in vain before', () => {
    const { told, order } = begin();
    order.announce([batch('a', 1)]).withdrawn();
    order.announce([batch('a', 1)]).committed();
    expect(told).toEqual(['a1']);
  });
});
