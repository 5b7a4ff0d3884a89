import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Query, SqlRow, Steps } from '../../database/sql/statement.js';
import { conversationStream } from '../../protocol/index.js';
import { DeltaBatch } from '../log/committed-batch.js';
import type { Delta, DeltaSource, NumberedDelta } from './delta-tail.js';
import { EventLog } from '../log/event-log.js';
import { FIND_ROW, INSERT_ROW, READ_EPOCH, READ_HEADS, READ_ROWS, RUNNING_RUNS } from './journal.statements.js';
import { parseEntries } from './journal-entry.js';
import { LiveDeltas } from './live-deltas.js';
import { PostgresJournal } from './postgres-journal.js';
import { epochOf, type RaisedHead } from '../log/stream-tables.js';
import type { Announcement } from '../log/publish-queue.js';

/** A run that has text for the journal now and then. */
export interface JournalWriter {
  readonly source: DeltaSource;
  /** The right to write: good while the run still runs under this fence; and the number of `newPlace`. */
  readonly claim: { readonly runId: string; readonly fence: number; readonly number: number };
  /** What is pending, or nothing; called again with the same when the transaction is repeated. */
  take(): Delta | undefined;
  /**
   * What `take` gave last is committed.
   * @param end the text is, up to here, in UTF-16 units of the message; nothing was written where it is left out
   */
  committed(end?: number): void;
  /** It has lost the right to write: nothing of what it still holds will ever be committed. */
  lost(): void;
}

/** Where the deltas of a run are found. */
export interface JournalPlace {
  /** The process whose rows have them. */
  readonly process: number;
  /** From which row on. */
  readonly n: number;
  /** What the rows call the run. */
  readonly run: number;
}

/** Decides who may write, by the fence in the database, in the same transaction (`L7`). */
export interface JournalGuard {
  /** For SQLite: returns those that may still write, and renews their leases. */
  hold<Writer extends JournalWriter>(writers: readonly Writer[]): Steps<ReadonlySet<Writer>>;
  /** For PostgreSQL, where the statement that writes looks at the fence: what to do about leases, if anything. */
  renewal(leases: readonly Lease[]): Query | undefined;
}

/** A run that this process may write, and for how long its lease still holds. */
export interface Lease {
  readonly runId: string;
  readonly leftMs: number;
}

/** One delta on its way into a row. */
export interface Entry {
  readonly writer: JournalWriter;
  readonly source: DeltaSource;
  readonly delta: NumberedDelta;
  readonly batch: DeltaBatch;
}

/** What one transaction wrote, or may have written. */
interface Row {
  readonly n: number;
  readonly entries: readonly Entry[];
  readonly announcement: Announcement;
}

/**
 * Writes the deltas of all runs of this process: one row a commit, `[[run, seq, offset, text], ...]`, whatever the
 * number of runs. A row for each run would dirty a page for each run, which costs thirty times as much at 200 runs.
 *
 * With 200 answers at once one token costs 2 us of CPU here and some 10 us in SQLite; a commit of one token costs 30 us.
 * PostgreSQL does it in one statement: see `PostgresJournal`.
 */
@Injectable()
export class Journal implements OnModuleInit {
  private readonly onPostgres: PostgresJournal | undefined;
  /** The number of the next row: those of a process have no holes. */
  private next = 1;
  /** How many runs have begun: the rows call them by these numbers. */
  private runs = 0;
  /** SQLite's, which stays as long as this process holds the file: a backup is restored while no server runs. */
  private epoch = '';
  /** A row that was sent to the database, until its commit is heard of. */
  private doubtful: Row | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly live: LiveDeltas,
  ) {
    if (database.kind === 'postgresql') this.onPostgres = new PostgresJournal(database, log, live);
  }

  async onModuleInit(): Promise<void> {
    if (this.onPostgres) return;
    this.live.isComplete = true;
    const [meta] = await this.database.query(READ_EPOCH, []);
    this.epoch = epochOf(meta?.['epoch']);
    await this.recover();
  }

  /** Where a run that starts now will have its deltas. */
  newPlace(): JournalPlace {
    this.runs += 1;
    return { process: this.log.process, n: this.onPostgres?.next ?? this.next, run: this.runs };
  }

  /** What is committed of a run that this process writes. */
  textOf(runId: string): string {
    return this.live.textOf(runId) ?? '';
  }

  /** Whether it is not known what became of the last commit: `commit` must be called again, if only without writers. */
  get isDoubtful(): boolean {
    return this.onPostgres?.isDoubtful ?? this.doubtful !== undefined;
  }

  /** The run writes no more; its deltas stay in memory for a while. */
  release(runId: string): void {
    this.live.end(runId);
  }

  /**
   * Writes what is pending of `writers` in one transaction, then tells the listeners (`L2`), and each writer what
   * became of it.
   * @throws what the driver throws; whether the row was written is then found out by the next call
   */
  async commit(writers: readonly JournalWriter[], guard: JournalGuard): Promise<void> {
    if (this.onPostgres) return this.onPostgres.commit(writers, guard);
    await this.database.steps(
      () => this.transaction(writers, guard),
      ({ allowed, row }) => {
        this.doubtful = undefined;
        if (row) this.written(row);
        const wrote = new Set<JournalWriter>(row?.entries.map(({ writer }) => writer));
        for (const writer of writers) {
          if (!allowed.has(writer)) writer.lost();
          else if (!wrote.has(writer)) writer.committed();
        }
      },
    );
  }

  private *transaction<Writer extends JournalWriter>(
    writers: readonly Writer[],
    guard: JournalGuard,
  ): Steps<{ readonly allowed: ReadonlySet<Writer>; readonly row: Row | undefined }> {
    yield* this.settle();
    const allowed = yield* guard.hold(writers);
    return { allowed, row: yield* this.write([...allowed]) };
  }

  /** Finds out what became of a row whose commit was not heard of: it is told now, or numbered anew. */
  private *settle(): Steps<void> {
    const { doubtful } = this;
    if (!doubtful) return;
    const [found] = yield [FIND_ROW, [this.log.process, doubtful.n]];
    this.doubtful = undefined;
    if (found) this.written(doubtful);
    else doubtful.announcement.withdrawn();
  }

  private *write(writers: readonly JournalWriter[]): Steps<Row | undefined> {
    const pending = writers.flatMap((writer) => {
      const delta = writer.take();
      return delta ? [{ writer, source: writer.source, delta }] : [];
    });
    if (pending.length === 0) return undefined;
    const at = this.database.clock.now();
    const heads = yield* this.raise(pending.map(({ source }) => source.stream));
    const data: string[] = [];
    const entries = pending.map(({ writer, source, delta: { offset, text } }): Entry => {
      const head = heads.get(source.stream);
      if (!head) throw new Error(`The head of ${source.stream} was not raised`);
      const { seq, epoch } = head;
      const textJson = JSON.stringify(text);
      data.push(`[${writer.claim.number},${seq},${offset},${textJson}]`);
      const delta = { seq, at, offset, text };
      return { writer, source, delta, batch: new DeltaBatch(epoch, source, delta, textJson) };
    });
    const announcement = this.log.announce(entries.map(({ batch }) => batch));
    const row = { n: this.next, entries, announcement };
    // From here on, and until the commit is heard of, the row may be in the table or not.
    this.doubtful = row;
    yield [INSERT_ROW, [this.log.process, row.n, at, `[${data.join(',')}]`]];
    return row;
  }

  /** Where the streams stand with one more event each. A run has its stream to itself, so each comes once. */
  private *raise(streams: readonly string[]): Steps<ReadonlyMap<string, RaisedHead>> {
    const { epoch } = this;
    const unknown = streams.filter((stream) => this.live.headOf(stream) === 0);
    if (unknown.length > 0) {
      const rows = yield [READ_HEADS, [JSON.stringify(unknown)]] satisfies Query;
      for (const row of rows) this.live.setHead(String(row['stream']), Number(row['seq']));
    }
    return new Map(streams.map((stream) => [stream, { seq: this.live.headOf(stream) + 1, epoch }]));
  }

  /** The row is committed. */
  private written({ n, entries, announcement }: Row): void {
    this.next = n + 1;
    for (const { source, delta } of entries) {
      this.live.setHead(source.stream, delta.seq);
      this.live.add(source, delta);
    }
    announcement.committed();
    for (const { writer, delta } of entries) writer.committed(delta.offset + delta.text.length);
  }

  /**
   * SQLite, after the death of a process: while a run streams the rows of the heads stay behind what tabs were told.
   * Nothing may be numbered or read before they are known again, and the texts with them.
   */
  private async recover(): Promise<void> {
    const runs = await this.database.query(RUNNING_RUNS, []);
    const byProcess = Map.groupBy(runs, (run) => Number(run['journal']));
    for (const [process, own] of byProcess) {
      const sources = new Map(own.map((run) => [Number(run['journal_run']), sourceOf(run)]));
      const from = Math.min(...own.map((run) => Number(run['journal_from'])));
      for (const { at, data } of await this.database.query(READ_ROWS, [process, from])) {
        for (const [run, seq, offset, text] of parseEntries(String(data))) {
          const source = sources.get(run);
          if (!source) continue;
          this.live.setHead(source.stream, seq);
          this.live.add(source, { seq, at: Number(at), offset, text });
        }
      }
    }
  }
}

/** Where a run writes, from a row of the table. */
const sourceOf = (run: SqlRow): DeltaSource => ({
  runId: String(run['id']),
  messageId: String(run['message_id']),
  stream: conversationStream(String(run['conversation_id'])),
});
