import type { CommittedBatch } from '../../streams/log/committed-batch.js';

/** Keeps what is committed to a stream while a subscription to it is under way (`L3`). */
export class HeldBatches {
  private readonly byStream = new Map<string, Set<CommittedBatch[]>>();

  /** From now on what is committed to the stream is added to `batches`, until `release`. */
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

  /** Whether a subscription to the stream is under way. */
  holds(stream: string): boolean {
    return this.byStream.has(stream);
  }

  add(batch: CommittedBatch): void {
    for (const batches of this.byStream.get(batch.stream) ?? []) batches.push(batch);
  }
}
