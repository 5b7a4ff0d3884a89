import type { CommittedBatch } from '../../streams/log/committed-batch.js';
import type { Span } from '../../tracing/span.js';

/** The span of sending a batch to the sockets of this process. Batches of deltas, which are many, have none. */
export function emitSpan(batch: CommittedBatch): Span | undefined {
  // The events of other batches may have to be parsed.
  if (!batch.span) return undefined;
  return batch.span.child('emit', {
    // Without the id: the kind of the stream.
    'lockstep.stream': batch.stream.split(':', 1)[0],
    'lockstep.events': batch.events.map(({ type }) => type),
  });
}
