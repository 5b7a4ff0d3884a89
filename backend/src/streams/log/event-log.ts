import { randomInt } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { ChatEvent } from '../../protocol/index.js';
import { telemetry } from '../../telemetry.js';
import { type CommittedBatch, EventBatch } from './committed-batch.js';
import { LiveDeltas } from '../journal/live-deltas.js';
import { LogTransaction } from './log-transaction.js';
import { CommitMarks, proofOf } from './commit-marks.js';
import { type Announcement, PublishQueue } from './publish-queue.js';

export type CommitListener = (batch: CommittedBatch) => void;

/**
 * The log of everything that tabs are shown: consecutive events per stream (`L1`), published to listeners after their
 * commit and never before (`L2`). Deltas of replies are written by the `Journal` and published here as well.
 *
 * Publishing one token costs 0.7 us of CPU, including the queue that keeps the order.
 */
@Injectable()
export class EventLog {
  /** Identifies this process in the log: random at each start, so that no two processes number the same rows. */
  readonly process = randomInt(1, 2 ** 31);
  private readonly logger = new Logger(EventLog.name);
  private readonly marks = new CommitMarks(this.process);
  private readonly listeners = new Set<CommitListener>();
  private readonly ownListeners = new Set<(batch: EventBatch) => void>();
  private sendToOthers: CommitListener | undefined;
  private readonly queue = new PublishQueue<CommittedBatch>((batch) => this.publish(batch));

  constructor(
    private readonly database: Database,
    private readonly live: LiveDeltas = new LiveDeltas(),
  ) {}

  /**
   * Runs `work` in a transaction, numbers and writes the events that it appended, commits, then calls the listeners.
   * `work` may run several times, see `Database.transaction`; side effects belong into `LogTransaction.onCommitted`.
   * @throws ChatError `storage` when the database cannot write, or when the outcome of the commit is not known in time;
   * and every error that `work` throws
   */
  async write<T>(work: (transaction: LogTransaction) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await this.commit(work);
    } finally {
      const { transactionEnded } = telemetry;
      if (transactionEnded.isHeard) transactionEnded.publish({ durationMs: performance.now() - startedAt });
    }
  }

  private commit<T>(work: (transaction: LogTransaction) => Promise<T>): Promise<T> {
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
        for (const batch of batches) for (const listener of this.ownListeners) listener(batch);
        logged.committed();
      });
      transaction.onUndone(() => announcement.withdrawn());
      return value;
    });
  }

  /**
   * Calls `listener` with every batch that this process commits, and with the batches of other processes for streams
   * that sockets of this process follow. On SQLite the batches of a stream come in the order of their numbers. On
   * PostgreSQL a batch may come before an earlier one of another process.
   */
  onCommitted(listener: CommitListener): void {
    this.listeners.add(listener);
  }

  /**
   * Calls `listener` with the events that transactions of this process have committed, but not with deltas, which are
   * many. It must not throw.
   */
  onOwnEvents(listener: (batch: EventBatch) => void): void {
    this.ownListeners.add(listener);
  }

  /** Calls `send` with every batch that this process commits, after the listeners; `send` must not throw. */
  onOwnCommit(send: CommitListener): void {
    this.sendToOthers = send;
  }

  /** Reserves the place of batches that are about to be committed, for the journal; see `PublishQueue.announce`. */
  announce(batches: readonly CommittedBatch[]): Announcement {
    return this.queue.announce(batches);
  }

  /** Keeps the heads in memory up to date after a commit: the row of the head is now as new as these events. */
  private noteHead({ stream, lastSeq, events }: EventBatch): void {
    if (this.live.headOf(stream) > 0) this.live.setHead(stream, lastSeq);
    for (const event of events as readonly ChatEvent[]) {
      // On SQLite the journal numbers the deltas of the run from here on.
      if (event.type === 'run.started' && this.live.isComplete) this.live.setHead(stream, lastSeq);
      if (event.type !== 'run.finished') continue;
      this.live.end(event.data.runId);
      this.live.headWritten(stream);
    }
  }

  /** Passes a batch that this process committed to the listeners and to other processes, without the queue. */
  publish(batch: CommittedBatch): void {
    this.notify(batch);
    this.sendToOthers?.(batch);
  }

  /** Calls the listeners of this process with a batch, which may come from another process. */
  notify(batch: CommittedBatch): void {
    for (const listener of this.listeners) {
      try {
        listener(batch);
      } catch (error) {
        // The batch is committed, so the error must not reach the writer, which would take it for rolled back. Clients
        // notice the gap and subscribe again.
        this.logger.error({ msg: 'A listener failed', stream: batch.stream, err: error });
      }
    }
  }
}
