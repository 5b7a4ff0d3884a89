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

/** A run whose text the journal writes. */
export interface JournalWriter {
  readonly source: DeltaSource;
  /** The right to write, valid while the run is running under this fence. `number` is the `run` of `newPlace`. */
  readonly claim: { readonly runId: string; readonly fence: number; readonly number: number };
  /** Returns the pending text, if there is any; called again when the transaction is repeated. */
  take(): Delta | undefined;
  /**
   * The commit has succeeded.
   * @param end the length of the message's committed text, in UTF-16 units; missing when nothing was written
   */
  committed(end?: number): void;
  /** The writer has lost the right to write: its pending text will never be committed. */
  lost(): void;
}

/** Where the journal has the deltas of a run. */
export interface JournalPlace {
  /** The process that writes the rows. */
  readonly process: number;
  /** The first row that may have deltas of the run. */
  readonly n: number;
  /** The number of the run in the rows. */
  readonly run: number;
}

/** Decides which writers may write, by the fence in the database, in the same transaction (`L7`). */
export interface JournalGuard {
  /** For SQLite: returns the writers that may still write, and renews their leases. */
  hold<Writer extends JournalWriter>(writers: readonly Writer[]): Steps<ReadonlySet<Writer>>;
  /** For PostgreSQL, where `WRITE_DELTAS` checks the fence itself: the query that renews leases, if one is needed. */
  renewal(leases: readonly Lease[]): Query | undefined;
}

/** A run that this process may write, and how long its lease still lasts, in milliseconds. */
export interface Lease {
  readonly runId: string;
  readonly leftMs: number;
}

/** One delta of the row that is being written. */
export interface Entry {
  readonly writer: JournalWriter;
  readonly source: DeltaSource;
  readonly delta: NumberedDelta;
  readonly batch: DeltaBatch;
}

/** The row that a transaction wrote, or may have written. */
interface Row {
  readonly n: number;
  readonly entries: readonly Entry[];
  readonly announcement: Announcement;
}

/**
 * Writes the deltas of all runs of this process: one row per commit, `[[run, seq, offset, text], ...]`, whatever the
 * number of runs. A row for each run would dirty a page for each run, which costs thirty times as much at 200 runs.
 *
 * With 200 replies at once one token costs 2 us of CPU here and some 10 us in SQLite; a commit of one token costs 30
 * us. On PostgreSQL a commit is one statement: see `PostgresJournal`.
 */
@Injectable()
export class Journal implements OnModuleInit {
  private readonly onPostgres: PostgresJournal | undefined;
  /** The number of the next row; the numbers of a process have no gaps. */
  private next = 1;
  /** How many runs have started; rows refer to a run by its number in this sequence. */
  private runs = 0;
  /** On SQLite only: the epoch cannot change while this process runs, since backups are restored without a server. */
  private epoch = '';
  /** A row that was sent to the database and whose commit is not confirmed yet. */
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

  /** The place in the journal for the deltas of a run that starts now. */
  newPlace(): JournalPlace {
    this.runs += 1;
    return { process: this.log.process, n: this.onPostgres?.next ?? this.next, run: this.runs };
  }

  /** The committed text of a run that this process writes. */
  textOf(runId: string): string {
    return this.live.textOf(runId) ?? '';
  }

  /** Whether the outcome of the last commit is unknown: `commit` must be called again, with or without writers. */
  get isDoubtful(): boolean {
    return this.onPostgres?.isDoubtful ?? this.doubtful !== undefined;
  }

  /** The run has ended; its deltas stay in memory for a while. */
  release(runId: string): void {
    this.live.end(runId);
  }

  /**
   * Writes the pending text of `writers` in one transaction, then calls the listeners (`L2`) and `committed` or `lost`
   * of each writer.
   * @returns the number of deltas that were written
   * @throws what the driver throws; the next call then finds out whether the row was written
   */
  async commit(writers: readonly JournalWriter[], guard: JournalGuard): Promise<number> {
    if (this.onPostgres) return this.onPostgres.commit(writers, guard);
    const written = await this.database.steps(
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
    return written.row?.entries.length ?? 0;
  }

  private *transaction<Writer extends JournalWriter>(
    writers: readonly Writer[],
    guard: JournalGuard,
  ): Steps<{ readonly allowed: ReadonlySet<Writer>; readonly row: Row | undefined }> {
    yield* this.settle();
    const allowed = yield* guard.hold(writers);
    return { allowed, row: yield* this.write([...allowed]) };
  }

  /** Finds out whether a row in doubt was committed: it is published now, or its text is written and numbered again. */
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
    // From here until the commit is confirmed, the row may or may not be in the table.
    this.doubtful = row;
    yield [INSERT_ROW, [this.log.process, row.n, at, `[${data.join(',')}]`]];
    return row;
  }

  /** The heads of the streams after one more event each. Only one run writes a stream, so each name occurs once. */
  private *raise(streams: readonly string[]): Steps<ReadonlyMap<string, RaisedHead>> {
    const { epoch } = this;
    const unknown = streams.filter((stream) => this.live.headOf(stream) === 0);
    if (unknown.length > 0) {
      const rows = yield [READ_HEADS, [JSON.stringify(unknown)]] satisfies Query;
      for (const row of rows) this.live.setHead(String(row['stream']), Number(row['seq']));
    }
    return new Map(streams.map((stream) => [stream, { seq: this.live.headOf(stream) + 1, epoch }]));
  }

  /** Publishes a committed row. */
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
   * On SQLite, after a crash: while a run streams, the rows of the heads are older than the events that tabs have seen.
   * The heads and the texts must be read from the journal before anything is numbered or read.
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

/** The source of a run's deltas, from its row. */
const sourceOf = (run: SqlRow): DeltaSource => ({
  runId: String(run['id']),
  messageId: String(run['message_id']),
  stream: conversationStream(String(run['conversation_id'])),
});
