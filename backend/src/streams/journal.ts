import { randomInt } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Query, SqlRow, Steps } from '../database/statement.js';
import { conversationStream } from '../protocol/index.js';
import { DeltaBatch } from './committed-batch.js';
import type { Delta, DeltaSource, NumberedDelta } from './delta-tail.js';
import { EventLog } from './event-log.js';
import { FIND_ROW, INSERT_ROW, READ_EPOCH, READ_HEADS, READ_ROWS, RUNNING_RUNS } from './journal.statements.js';
import { parseEntries } from './journal-entry.js';
import { LiveDeltas } from './live-deltas.js';
import { epochOf, raisedHead, type RaisedHead, raisesJson } from './stream-tables.js';
import { RAISE_HEADS } from './stream.statements.js';
import type { Announcement } from './telling-order.js';

/** A run that has text for the journal now and then. */
export interface JournalWriter {
  readonly source: DeltaSource;
  /** What is pending, or nothing; called again with the same when the transaction is repeated. */
  take(): Delta | undefined;
  /** What `take` gave last is committed. */
  committed(): void;
  /** It has lost the right to write: nothing of what it still holds will ever be committed. */
  lost(): void;
}

/** A row of the journal: the process that wrote it, and its number among the rows of that process. */
export interface JournalPosition {
  readonly process: number;
  readonly n: number;
}

/** Returns those that may still write, by the fence in the database, in the same transaction (`L7`). */
export type JournalGuard<Writer> = (writers: readonly Writer[]) => Steps<ReadonlySet<Writer>>;

/** One delta on its way into a row. */
interface Entry {
  readonly source: DeltaSource;
  readonly delta: NumberedDelta;
  readonly batch: DeltaBatch;
}

/** What one transaction wrote, or may have written. */
interface Row {
  readonly n: number;
  readonly entries: readonly Entry[];
  readonly writers: readonly JournalWriter[];
  readonly announcement: Announcement;
}

/**
 * Writes the deltas of all runs of this process: one row a commit, `[[runId, seq, offset, text], ...]`, whatever the
 * number of runs. A row for each run would dirty a page for each run, which costs thirty times as much at 200 runs.
 *
 * Costs 30 us a commit and 1 us a run on SQLite, most of it in SQLite itself.
 */
@Injectable()
export class Journal implements OnModuleInit {
  /** Names this process in the rows; drawn anew at each start, so that no two processes number the same rows. */
  private readonly process = randomInt(1, 2 ** 31);
  /** The number of the next row: those of a process have no holes. */
  private next = 1;
  /** A row that was sent to the database, until its commit is heard of. */
  private doubtful: Row | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly live: LiveDeltas,
  ) {}

  async onModuleInit(): Promise<void> {
    if (this.database.kind !== 'sqlite') return;
    this.live.isComplete = true;
    await this.recover();
  }

  /** From where on a run that starts now has its deltas. */
  get position(): JournalPosition {
    return { process: this.process, n: this.next };
  }

  /** What is committed of a run that this process writes. */
  textOf(runId: string): string {
    return this.live.textOf(runId) ?? '';
  }

  /** Whether it is not known what became of the last commit: `commit` must be called again, if only with nobody. */
  get isDoubtful(): boolean {
    return this.doubtful !== undefined;
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
  async commit<Writer extends JournalWriter>(writers: readonly Writer[], guard: JournalGuard<Writer>): Promise<void> {
    await this.database.steps(
      () => this.transaction(writers, guard),
      ({ allowed, row }) => {
        this.doubtful = undefined;
        if (row) this.written(row);
        const wrote = new Set<JournalWriter>(row?.writers);
        for (const writer of writers) {
          if (!allowed.has(writer)) writer.lost();
          else if (!wrote.has(writer)) writer.committed();
        }
      },
    );
  }

  private *transaction<Writer extends JournalWriter>(
    writers: readonly Writer[],
    guard: JournalGuard<Writer>,
  ): Steps<{ readonly allowed: ReadonlySet<Writer>; readonly row: Row | undefined }> {
    yield* this.settle();
    const allowed = yield* guard(writers);
    return { allowed, row: yield* this.write([...allowed]) };
  }

  /** Finds out what became of a row whose commit was not heard of: it is told now, or numbered anew. */
  private *settle(): Steps<void> {
    const { doubtful } = this;
    if (!doubtful) return;
    const [found] = yield [FIND_ROW, [this.process, doubtful.n]];
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
    const at = Date.now();
    const heads = yield* this.raise(pending.map(({ source }) => source.stream));
    const data: string[] = [];
    const entries = pending.map(({ source, delta: { offset, text } }): Entry => {
      const head = heads.get(source.stream);
      if (!head) throw new Error(`The head of ${source.stream} was not raised`);
      const { seq, epoch } = head;
      const textJson = JSON.stringify(text);
      data.push(`["${source.runId}",${seq},${offset},${textJson}]`);
      const delta = { seq, at, offset, text };
      return { source, delta, batch: new DeltaBatch(epoch, source, delta, textJson) };
    });
    const announcement = this.log.announce(entries.map(({ batch }) => batch));
    const row = { n: this.next, entries, writers: pending.map(({ writer }) => writer), announcement };
    // From here on, and until the commit is heard of, the row may stand in the table or not.
    this.doubtful = row;
    yield [INSERT_ROW, [this.process, row.n, at, `[${data.join(',')}]`]];
    return row;
  }

  /** Where the streams stand with one more event each. A run has its stream to itself, so each comes once. */
  private *raise(streams: readonly string[]): Steps<ReadonlyMap<string, RaisedHead>> {
    if (this.database.kind === 'postgresql') {
      const raises = streams.map((stream) => ({ stream, by: 1, floor: 0 }));
      const rows: readonly SqlRow[] = yield [RAISE_HEADS, [raisesJson(raises)]];
      return new Map(rows.map(raisedHead));
    }
    const [meta] = yield [READ_EPOCH, []];
    const epoch = epochOf(meta?.['epoch']);
    const unknown = streams.filter((stream) => this.live.headOf(stream) === 0);
    if (unknown.length > 0) {
      const rows = yield [READ_HEADS, [JSON.stringify(unknown)]] satisfies Query;
      for (const row of rows) this.live.setHead(String(row['stream']), Number(row['seq']));
    }
    return new Map(streams.map((stream) => [stream, { seq: this.live.headOf(stream) + 1, epoch }]));
  }

  /** The row is committed. */
  private written({ n, entries, writers, announcement }: Row): void {
    this.next = n + 1;
    for (const { source, delta } of entries) {
      if (this.database.kind === 'sqlite') this.live.setHead(source.stream, delta.seq);
      this.live.add(source, delta);
    }
    announcement.committed();
    for (const writer of writers) writer.committed();
  }

  /**
   * SQLite, after the death of a process: while a run streams the rows of the heads stay behind what tabs were told.
   * Nothing may be numbered or read before they are known again, and the texts with them.
   */
  private async recover(): Promise<void> {
    const runs = await this.database.query(RUNNING_RUNS, []);
    const byProcess = Map.groupBy(runs, (run) => Number(run['journal']));
    for (const [process, own] of byProcess) {
      const sources = new Map(own.map((run) => [String(run['id']), sourceOf(run)]));
      const from = Math.min(...own.map((run) => Number(run['journal_from'])));
      for (const { at, data } of await this.database.query(READ_ROWS, [process, from])) {
        for (const [runId, seq, offset, text] of parseEntries(String(data))) {
          const source = sources.get(runId);
          if (!source) continue;
          this.live.setHead(source.stream, seq);
          this.live.add(source, { seq, at: Number(at), offset, text });
        }
      }
    }
  }
}

const sourceOf = (run: SqlRow): DeltaSource => ({
  runId: String(run['id']),
  messageId: String(run['message_id']),
  stream: conversationStream(String(run['conversation_id'])),
});
