interface OfStream {
  readonly stream: string;
}

interface Entry<Batch> {
  readonly batch: Batch;
  isCommitted: boolean;
}

/** What one transaction is about to commit; exactly one of the two is called, once. */
export interface Announcement {
  committed(): void;
  /** It failed, or is carried out again. */
  withdrawn(): void;
}

/**
 * Publishes the batches of a stream in the order of their numbers. PostgreSQL lets the next writer of a stream go on
 * before the last one has heard that its commit is done: what is heard of first need not have come first.
 */
export class PublishQueue<Batch extends OfStream> {
  private readonly queues = new Map<string, Entry<Batch>[]>();

  constructor(private readonly publish: (batch: Batch) => void) {}

  /**
   * Called with the numbered batches before their transaction commits. Writers of a stream take turns until then, so
   * that the calls come in the order of the numbers.
   */
  announce(batches: readonly Batch[]): Announcement {
    const entries = batches.map((batch): Entry<Batch> => ({ batch, isCommitted: false }));
    for (const entry of entries) {
      const queue = this.queues.get(entry.batch.stream);
      if (queue) queue.push(entry);
      else this.queues.set(entry.batch.stream, [entry]);
    }
    return {
      committed: () => {
        for (const entry of entries) {
          entry.isCommitted = true;
          this.drain(entry.batch.stream);
        }
      },
      withdrawn: () => {
        for (const entry of entries) {
          const { stream } = entry.batch;
          this.queues.set(stream, this.queues.get(stream)?.filter((other) => other !== entry) ?? []);
          this.drain(stream);
        }
      },
    };
  }

  private drain(stream: string): void {
    const queue = this.queues.get(stream) ?? [];
    for (let first = queue[0]; first?.isCommitted; first = queue[0]) {
      queue.shift();
      this.publish(first.batch);
    }
    if (queue.length === 0) this.queues.delete(stream);
  }
}
