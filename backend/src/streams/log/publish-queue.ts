interface OfStream {
  readonly stream: string;
}

interface Entry<Batch> {
  readonly batch: Batch;
  isCommitted: boolean;
}

/** The outcome of an announced transaction: the announcer calls exactly one of the two, once. */
export interface Announcement {
  committed(): void;
  /** The transaction failed or is repeated. */
  withdrawn(): void;
}

/**
 * Publishes the batches of each stream in the order of their numbers. On PostgreSQL the next writer of a stream
 * continues before the response to the previous COMMIT arrives, so responses may come in another order than commits.
 */
export class PublishQueue<Batch extends OfStream> {
  private readonly queues = new Map<string, Entry<Batch>[]>();

  constructor(private readonly publish: (batch: Batch) => void) {}

  /**
   * Reserves the place of numbered batches before their transaction commits. Writers of a stream take turns until the
   * commit, so that the calls come in the order of the numbers.
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
