import type { EntityManager } from '../database/database.js';
import type { SqlRow, SqlValue, Statement } from '../database/statement.js';
import type { Transaction } from '../database/transaction.js';
import type { ChatEvent, StreamEvent, StreamEvents } from '../protocol/index.js';

/** Where an event will stand; `seq` is known once the transaction has committed. */
export interface Position {
  readonly seq: number;
}

/** A transaction that tells what it did: events appended here are committed with the rows, or not at all. */
export class LogTransaction {
  readonly at = Date.now();
  private readonly pending = new Map<string, { event: ChatEvent; position: { seq: number } }[]>();

  constructor(private readonly transaction: Transaction) {}

  /** The ORM within this transaction. */
  get em(): EntityManager {
    return this.transaction.em;
  }

  /** Runs a prepared statement within this transaction; see `Transaction.all`. */
  all(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.transaction.all(statement, values);
  }

  /** Adds an event at the end of a stream, in the order of the calls. */
  append(stream: string, event: ChatEvent): Position {
    const position = { seq: 0 };
    const list = this.pending.get(stream);
    if (list) list.push({ event, position });
    else this.pending.set(stream, [{ event, position }]);
    return position;
  }

  /** Numbers the events and writes them; called last, because raising a head makes other writers of the stream wait. */
  async flush(tables: StreamTablesWriter): Promise<readonly StreamEvents[]> {
    if (this.pending.size === 0) return [];
    const byName = [...this.pending].sort(([a], [b]) => (a < b ? -1 : 1));
    const counts = new Map(byName.map(([stream, entries]) => [stream, entries.length]));
    const heads = await tables.raiseHeads(this.transaction, counts);
    const batches = byName.map(([stream, entries]): StreamEvents => {
      const head = heads.get(stream);
      if (!head) throw new Error(`The head of ${stream} was not raised`);
      const events = entries.map(({ event, position }, index): StreamEvent => {
        position.seq = head.seq - entries.length + 1 + index;
        return { seq: position.seq, type: event.type, at: this.at, data: event.data };
      });
      return { stream, epoch: head.epoch, events };
    });
    await tables.insertEvents(this.transaction, batches);
    return batches;
  }
}

/** The part of the tables that a transaction writes through. */
export interface StreamTablesWriter {
  raiseHeads(
    transaction: Transaction,
    counts: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<string, { readonly seq: number; readonly epoch: string }>>;
  insertEvents(transaction: Transaction, batches: readonly StreamEvents[]): Promise<void>;
}
