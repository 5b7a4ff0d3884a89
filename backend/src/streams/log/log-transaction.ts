import type { Clock } from '../../database/clock.js';
import type { EntityManager } from '../../database/database.js';
import type { RunStatement, Transaction } from '../../database/transactions/transaction.js';
import type { ChatEvent, StreamEvent } from '../../protocol/index.js';
import { EventBatch } from './committed-batch.js';
import { type TextOf, textReader } from '../journal/journal-tables.js';
import type { LiveDeltas } from '../journal/live-deltas.js';
import { insertEvents, raiseHeads, readHead } from './stream-tables.js';

/** The position of an appended event in its stream; `seq` is 0 until the transaction has committed. */
export interface Position {
  readonly seq: number;
}

/** A transaction with events: they are committed together with the changed rows, or not at all. */
export class LogTransaction {
  /** When the transaction began, in milliseconds since 1970. */
  readonly at: number;
  /** Runs a prepared statement within this transaction; see `Transaction.all`. */
  readonly all: RunStatement;
  private readonly pending = new Map<string, { event: ChatEvent; position: { seq: number } }[]>();
  private readonly afterwards: (() => void)[] = [];

  constructor(
    private readonly transaction: Transaction,
    private readonly live: LiveDeltas,
    private readonly clock: Clock,
  ) {
    this.at = clock.now();
    this.all = transaction.all;
  }

  /** The ORM within this transaction. */
  get em(): EntityManager {
    return this.transaction.em;
  }

  /** For statements that only one of the databases needs. */
  get kind(): Transaction['kind'] {
    return this.transaction.kind;
  }

  /** A new id for a row, greater than all ids that this process generated before. */
  newId(): string {
    return this.clock.newId();
  }

  /** The committed text of a run; see `TextOf`. */
  get textOf(): TextOf {
    return textReader(this.transaction, this.live);
  }

  /** Appends an event to a stream. Events of one stream keep the order of the calls. */
  append(stream: string, event: ChatEvent): Position {
    const position = { seq: 0 };
    const list = this.pending.get(stream);
    if (list) list.push({ event, position });
    else this.pending.set(stream, [{ event, position }]);
    return position;
  }

  /**
   * Calls `hook` when the commit is known to have succeeded, after the listeners: at most once, however often the work
   * is repeated. It is also called when the success is only found out after `write` has already thrown `storage`.
   */
  onCommitted(hook: () => void): void {
    this.afterwards.push(hook);
  }

  /** Runs the hooks; only `EventLog` calls this. */
  committed(): void {
    for (const hook of this.afterwards) hook();
  }

  /** The number of the newest event of a stream, without the events appended in this transaction. */
  async head(stream: string): Promise<number> {
    const { seq } = await readHead(this.transaction, stream);
    return Math.max(seq, this.knownHead(stream));
  }

  /**
   * The head of a stream as this process knows it, 0 when it does not. The row in the database may be older than this
   * (on SQLite, while a run streams) or newer (when another process has written).
   */
  knownHead(stream: string): number {
    return this.live.headOf(stream);
  }

  /** Numbers and writes the events; called last, because other writers of a stream wait once its head is raised. */
  async flush(): Promise<readonly EventBatch[]> {
    if (this.pending.size === 0) return [];
    const byName = [...this.pending].sort(([a], [b]) => (a < b ? -1 : 1));
    const raises = byName.map(([stream, { length: by }]) => ({ stream, by, floor: this.live.headOf(stream) }));
    const heads = await raiseHeads(this.transaction, raises);
    const batches = byName.map(([stream, entries]): EventBatch => {
      const head = heads.get(stream);
      if (!head) throw new Error(`The head of ${stream} was not raised`);
      const events = entries.map(({ event, position }, index): StreamEvent => {
        position.seq = head.seq - entries.length + 1 + index;
        return { seq: position.seq, type: event.type, at: this.at, data: event.data };
      });
      return new EventBatch(stream, head.epoch, events);
    });
    await insertEvents(this.transaction, batches);
    return batches;
  }
}
