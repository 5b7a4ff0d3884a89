import { describe, expect, it } from '@jest/globals';
import type { StreamEvents } from '../../protocol/index.js';
import { PublishQueue } from './publish-queue.js';

const batch = (stream: string, ...seqs: number[]): StreamEvents => ({
  stream,
  epoch: 'one',
  events: seqs.map((seq) => ({ seq, type: 'conversation.deleted', at: 0, data: { id: stream } })),
});

describe('PublishQueue', () => {
  const begin = () => {
    const published: string[] = [];
    const queue = new PublishQueue<StreamEvents>(({ stream, events }) => {
      for (const { seq } of events) published.push(`${stream}${seq}`);
    });
    return { published, queue };
  };

  it('waits for the outcome of an earlier commit of the same stream, and of no other', () => {
    const { published, queue } = begin();
    const first = queue.announce([batch('a', 1)]);
    const second = queue.announce([batch('a', 2, 3), batch('b', 1)]);
    second.committed();
    expect(published).toEqual(['b1']);
    first.committed();
    expect(published).toEqual(['b1', 'a1', 'a2', 'a3']);
  });

  it('does not wait for what has failed', () => {
    const { published, queue } = begin();
    const failing = queue.announce([batch('a', 1)]);
    // The number is free again as soon as the database has rolled back, which this process may learn of later.
    const next = queue.announce([batch('a', 1)]);
    next.committed();
    expect(published).toEqual([]);
    failing.withdrawn();
    expect(published).toEqual(['a1']);
  });

  it('publishes a commit whose first attempt was withdrawn', () => {
    const { published, queue } = begin();
    queue.announce([batch('a', 1)]).withdrawn();
    queue.announce([batch('a', 1)]).committed();
    expect(published).toEqual(['a1']);
  });
});
