import type { EntityManager } from '../database/database.js';
import type { ChatEvent, StreamEvent, StreamEvents } from '../protocol/index.js';

/** Where an event will stand; `seq` is known once the transaction has committed. */
export interface Position {
  readonly seq: number;
}

/** A transaction that tells what it did: events appended here are committed with the rows, or not at all. */
export class LogTransaction {
  readonly at = Date.now();
  private readonly pending = new Map<string, { event: ChatEvent; position: { seq: number } }[]>();

  constructor(readonly em: EntityManager) {}

  /** Adds an event at the end of a stream, in the order of the calls. */
  append(stream: string, event: ChatEvent): Position {
    const position = { seq: 0 };
    const list = this.pending.get(stream);
    if (list) list.push({ event, position });
    else this.pending.set(stream, [{ event, position }]);
    return position;
  }

  /**
   * Numbers the events and writes them; called last, because raising a head makes other writers of the stream wait.
   * Streams go in the order of their names: two transactions that touch the same ones cannot wait for each other.
   */
  async flush(tables: StreamTablesWriter): Promise<readonly StreamEvents[]> {
    const batches: StreamEvents[] = [];
    for (const stream of [...this.pending.keys()].sort()) {
      const entries = this.pending.get(stream) ?? [];
      const { seq: head, epoch } = await tables.raiseHead(this.em, stream, entries.length);
      const events = entries.map(({ event, position }, index): StreamEvent => {
        position.seq = head - entries.length + 1 + index;
        return { seq: position.seq, type: event.type, at: this.at, data: event.data };
      });
      batches.push({ stream, epoch, events });
    }
    await tables.insertEvents(this.em, batches);
    return batches;
  }
}

/** The part of the tables that a transaction writes through. */
export interface StreamTablesWriter {
  raiseHead(em: EntityManager, stream: string, by: number): Promise<{ readonly seq: number; readonly epoch: string }>;
  insertEvents(em: EntityManager, batches: readonly StreamEvents[]): Promise<void>;
}
