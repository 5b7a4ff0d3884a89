import { randomInt } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { ChatEvent } from '../../protocol/index.js';
import { type CommittedBatch, EventBatch } from './committed-batch.js';
import { LiveDeltas } from '../journal/live-deltas.js';
import { LogTransaction } from './log-transaction.js';
import { CommitMarks, proofOf } from './commit-marks.js';
import { type Announcement, PublishQueue } from './publish-queue.js';

export type CommitListener = (batch: CommittedBatch) => void;

/**
 * The log of everything that tabs are told: consecutive events per stream (`L1`), told to listeners after their
 * commit and never before (`L2`). Deltas of replies are written by the `Journal` and told from here as well.
 *
 * Telling one token costs 0.7 us of CPU, the order of the numbers included.
 */
@Injectable()
export class EventLog {
  /** Names this process in the log; drawn anew at each start, so that no two processes number the same rows. */
  readonly process = randomInt(1, 2 ** 31);
  private readonly logger = new Logger(EventLog.name);
  private readonly marks = new CommitMarks(this.process);
  private readonly listeners = new Set<CommitListener>();
  private sendToOthers: CommitListener | undefined;
  private readonly queue = new PublishQueue<CommittedBatch>((batch) => this.publish(batch));

  constructor(
    private readonly database: Database,
    private readonly live: LiveDeltas = new LiveDeltas(),
  ) {}

  /**
   * Changes rows and appends events in one transaction, commits, then tells the listeners. `work` runs again after a
   * conflict, see `Database.transaction`; what is to follow the commit goes into `LogTransaction.onCommitted`.
   * @throws ChatError `storage` when the database cannot write, or when it is not known in time whether it has
   */
  write<T>(work: (transaction: LogTransaction) => Promise<T>): Promise<T> {
    return this.database.transaction(async (transaction) => {
      const logged = new LogTransaction(transaction, this.live, this.database.clock);
      const value = await work(logged);
      // Rows before heads: every transaction takes its locks in this order.
      await transaction.flush();
      await this.marks.leave(transaction, logged.at);
      const batches = await logged.flush();
      const announcement = this.announce(batches);
      transaction.proof ??= proofOf(batches);
      transaction.onCommitted(() => {
        for (const batch of batches) this.noteHead(batch);
        announcement.committed();
        logged.committed();
      });
      transaction.onUndone(() => announcement.withdrawn());
      return value;
    });
  }

  /**
   * Calls `listener` with every batch that this process commits, and with those of other processes that somebody here
   * listens to. On SQLite they come in the order of their numbers. On PostgreSQL a batch may come before one that
   * another connection has committed earlier.
   */
  onCommitted(listener: CommitListener): void {
    this.listeners.add(listener);
  }

  /** Calls `send` with every batch that this process itself commits, after its listeners; it must not throw. */
  onOwnCommit(send: CommitListener): void {
    this.sendToOthers = send;
  }

  /** For the journal: reserves the place of batches that are about to be committed; see `PublishQueue.announce`. */
  announce(batches: readonly CommittedBatch[]): Announcement {
    return this.queue.announce(batches);
  }

  /** The row of the head is as new as these events. */
  private noteHead({ stream, lastSeq, events }: EventBatch): void {
    if (this.live.headOf(stream) > 0) this.live.setHead(stream, lastSeq);
    for (const event of events as readonly ChatEvent[]) {
      // Where the journal gives the numbers, it goes on from here.
      if (event.type === 'run.started' && this.live.isComplete) this.live.setHead(stream, lastSeq);
      if (event.type !== 'run.finished') continue;
      this.live.end(event.data.runId);
      this.live.headWritten(stream);
    }
  }

  /** Tells listeners, and other processes, of a batch that this process has committed, whatever else is about to be. */
  publish(batch: CommittedBatch): void {
    this.hear(batch);
    this.sendToOthers?.(batch);
  }

  /** Tells the listeners of a batch that another process has committed. */
  hear(batch: CommittedBatch): void {
    for (const listener of this.listeners) {
      try {
        listener(batch);
      } catch (error) {
        // It is committed, whether or not a listener hears of it: the writer must not take it for undone. Tabs find
        // the gap.
        this.logger.error({ msg: 'A listener failed', stream: batch.stream, err: error });
      }
    }
  }
}
