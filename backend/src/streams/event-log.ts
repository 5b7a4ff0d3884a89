import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { StreamEvents } from '../protocol/index.js';
import { LogTransaction } from './log-transaction.js';
import * as tables from './stream-tables.js';
import { type Announcement, TellingOrder } from './telling-order.js';

export type CommitListener = (batch: StreamEvents) => void;

/**
 * The log of everything that tabs are told: consecutive events per stream (`L1`), told to listeners after their
 * commit and never before (`L2`).
 */
@Injectable()
export class EventLog {
  private readonly logger = new Logger(EventLog.name);
  private readonly listeners = new Set<CommitListener>();
  private readonly order = new TellingOrder((batch) => this.tell(batch));

  constructor(private readonly database: Database) {}

  /**
   * Changes rows and appends events in one transaction, commits, then tells the listeners. `work` runs again after a
   * conflict, see `Database.write`.
   * @throws ChatError `storage` when the database cannot write
   */
  async write<T>(work: (transaction: LogTransaction) => Promise<T>): Promise<T> {
    let announced: Announcement | undefined;
    try {
      const result = await this.database.transaction(async (transaction) => {
        announced?.withdrawn();
        announced = undefined;
        const logged = new LogTransaction(transaction);
        const value = await work(logged);
        // Rows before heads: every transaction takes its locks in this order.
        await transaction.flush();
        announced = this.order.announce(await logged.flush(tables));
        return value;
      });
      announced?.committed();
      return result;
    } catch (error) {
      announced?.withdrawn();
      throw error;
    }
  }

  /** Calls `listener` with every batch that this process commits, in the order of their numbers. */
  onCommitted(listener: CommitListener): void {
    this.listeners.add(listener);
  }

  private tell(batch: StreamEvents): void {
    for (const listener of this.listeners) {
      try {
        listener(batch);
      } catch (error) {
        // It is committed, whoever fails to hear of it: the writer must not take it for undone. Tabs find the gap.
        this.logger.error({ msg: 'A listener failed', stream: batch.stream, err: error });
      }
    }
  }
}
