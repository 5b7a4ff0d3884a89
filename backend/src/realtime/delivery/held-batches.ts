import type { CommittedBatch } from '../../streams/log/committed-batch.js';

/** Keeps the batches of a stream that are committed while a subscription to it is in progress (`L3`). */
export class HeldBatches {
  private readonly byStream = new Map<string, Set<CommittedBatch[]>>();

  /** Starts to add committed batches of the stream to `batches`, until `release` is called. */
  hold(stream: string): { readonly batches: readonly CommittedBatch[]; readonly release: () => void } {
    const batches: CommittedBatch[] = [];
    const holds = this.byStream.get(stream) ?? new Set();
    this.byStream.set(stream, holds.add(batches));
    return {
      batches,
      release: () => {
        if (holds.delete(batches) && holds.size === 0 && this.byStream.get(stream) === holds) {
          this.byStream.delete(stream);
        }
      },
    };
  }

  /** Whether a subscription to the stream is in progress. */
  holds(stream: string): boolean {
    return this.byStream.has(stream);
  }

  add(batch: CommittedBatch): void {
    for (const batches of this.byStream.get(batch.stream) ?? []) batches.push(batch);
  }
}
