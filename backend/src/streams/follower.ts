import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { StreamEvents } from '../protocol/index.js';
import { DeltaBatch, EventBatch } from './committed-batch.js';
import type { DeltaSource } from './delta-tail.js';
import { EventLog } from './event-log.js';
import { sourceOf } from './journal.js';
import { ROWS_BETWEEN, RUN_SOURCES } from './journal.statements.js';
import { parseEntries } from './journal-entry.js';
import { CHANNEL, type Notice, parseNotice, senderOf } from './notices.js';

/** Who wants to know what other processes commit. Batches come by `EventLog.onCommitted`. */
export interface Follows {
  listensTo(stream: string): boolean;
  /** The stream stands at `seq`, and its events have to be read. */
  moved(stream: string, seq: number): void;
  /** Something may have been missed: everything has to be looked at. */
  missed(): void;
}

/** So many runs are remembered, and so many rows read at once. */
const MAX_RUNS = 5_000;
const MAX_ROWS = 500;
/** What waits to be worked on; past that the log is read, which is cheaper. */
const MAX_WAITING = 1_000;

type DeltasNotice = Extract<Notice, { kind: 'deltas' }>;

/** A row of the journal of another process. */
interface JournalRow {
  readonly at: number;
  readonly data: string;
}

/**
 * Hears what other processes on the same PostgreSQL have committed, within milliseconds. It may miss something, when its
 * connection breaks or too much comes at once, and says so; it tells nothing twice by itself, and nothing before its
 * commit (`L2`). A stream's batches may come in another order than that of their numbers.
 */
@Injectable()
export class Follower implements OnApplicationShutdown {
  private readonly logger = new Logger(Follower.name);
  /** Where runs of other processes write, by process and number. */
  private readonly sources = new Map<string, DeltaSource>();
  /** The newest row known of each process. */
  private readonly rows = new Map<number, number>();
  private waiting: Notice[] = [];
  private isWorking = false;
  private isClosed = false;
  private listener: AsyncDisposable | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** Begins to listen; does nothing on SQLite, which one process has to itself. */
  follow(follows: Follows): void {
    this.listener = this.database.listen({
      channel: CHANNEL,
      notified: (payload) => this.notified(payload, follows),
      connected: () => this.startOver(follows),
      failed: (error) => this.logger.warn({ msg: 'Other processes are not heard for a while', err: error }),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    await this.listener?.[Symbol.asyncDispose]();
  }

  private notified(payload: string, follows: Follows): void {
    if (senderOf(payload) === this.log.process) return;
    const notice = parseNotice(payload);
    if (!notice) return;
    this.waiting.push(notice);
    if (this.waiting.length > MAX_WAITING) this.startOver(follows);
    if (!this.isWorking) void this.work(follows);
  }

  /** What was missed is found in the log; the rows of the journal are followed from the next notification on. */
  private startOver(follows: Follows): void {
    this.waiting = [];
    this.rows.clear();
    follows.missed();
  }

  private async work(follows: Follows): Promise<void> {
    this.isWorking = true;
    try {
      for (let notice = this.waiting.shift(); notice; notice = this.waiting.shift()) await this.obey(notice, follows);
    } catch (error) {
      if (!this.isClosed) {
        this.logger.warn({ msg: 'What other processes have said could not be read', err: error });
        this.startOver(follows);
      }
    }
    this.isWorking = false;
  }

  private obey(notice: Notice, follows: Follows): Promise<void> | undefined {
    switch (notice.kind) {
      case 'deltas':
        return this.followJournal(notice, follows);
      case 'events':
        for (const batch of notice.batches) this.hear(batch, follows);
        return undefined;
      case 'heads':
        for (const [stream, seq] of notice.heads) if (follows.listensTo(stream)) follows.moved(stream, seq);
        return undefined;
      case 'many':
        follows.missed();
        return undefined;
    }
  }

  private hear({ stream, epoch, events }: StreamEvents, follows: Follows): void {
    if (follows.listensTo(stream)) this.log.tell(new EventBatch(stream, epoch, [...events]));
  }

  /** Tells the deltas of a row, and of the rows between the last one known and this one. */
  private async followJournal(notice: DeltasNotice, follows: Follows): Promise<void> {
    const { process, at, data } = notice;
    // Several that came together are read together.
    const n = data === undefined ? this.takeFurther(notice) : notice.n;
    const last = this.rows.get(process) ?? notice.n - 1;
    if (n <= last) return;
    this.rows.set(process, n);
    if (n - last > MAX_ROWS) return follows.missed();
    const rows = data !== undefined && n === last + 1 ? [{ at, data }] : await this.readRows(process, last, n);
    for (const row of rows) await this.tellRow(process, row, notice.epoch, follows);
  }

  /** The newest of the rows of the same process that wait next and have to be read as well. */
  private takeFurther({ process, n }: DeltasNotice): number {
    let newest = n;
    for (let next = this.waiting[0]; next?.kind === 'deltas' && next.process === process; next = this.waiting[0]) {
      if (next.data !== undefined) break;
      newest = next.n;
      this.waiting.shift();
    }
    return newest;
  }

  private async readRows(process: number, after: number, upTo: number): Promise<readonly JournalRow[]> {
    const rows = await this.database.query(ROWS_BETWEEN, [process, after, upTo]);
    return rows.map(({ at, data }) => ({ at: Number(at), data: String(data) }));
  }

  private async tellRow(process: number, { at, data }: JournalRow, epoch: string, follows: Follows): Promise<void> {
    const entries = parseEntries(data);
    const unknown = entries.map(([run]) => run).filter((run) => !this.sources.has(keyOf(process, run)));
    if (unknown.length > 0) await this.learn(process, unknown);
    for (const [run, seq, offset, text] of entries) {
      const source = this.sources.get(keyOf(process, run));
      if (!source || !follows.listensTo(source.stream)) continue;
      this.log.tell(new DeltaBatch(epoch, source, { seq, at, offset, text }, JSON.stringify(text)));
    }
  }

  private async learn(process: number, runs: readonly number[]): Promise<void> {
    for (const row of await this.database.query(RUN_SOURCES, [process, JSON.stringify(runs)])) {
      this.remember(keyOf(process, Number(row['journal_run'])), sourceOf(row));
    }
  }

  private remember(key: string, source: DeltaSource): void {
    this.sources.set(key, source);
    // The oldest first; a run that still writes is looked up again.
    const [oldest] = this.sources.keys();
    if (this.sources.size > MAX_RUNS && oldest !== undefined) this.sources.delete(oldest);
  }
}

const keyOf = (process: number, run: number): string => `${process} ${run}`;
