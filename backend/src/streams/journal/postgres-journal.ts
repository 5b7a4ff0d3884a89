import type { Database } from '../../database/database.js';
import type { SqlRow } from '../../database/sql/statement.js';
import { DeltaBatch } from '../log/committed-batch.js';
import type { Delta } from './delta-tail.js';
import type { EventLog } from '../log/event-log.js';
import type { JournalGuard, JournalWriter, Lease } from './journal.js';
import { FIND_ROW, WRITE_DELTAS } from './journal.statements.js';
import { parseEntries } from './journal-entry.js';
import type { LiveDeltas } from './live-deltas.js';
import { epochOf } from '../log/stream-tables.js';

/** A delta that was written, with the number that the database assigned. */
interface Written extends Delta {
  readonly writer: JournalWriter;
  readonly seq: number;
  readonly at: number;
  readonly epoch: string;
}

/**
 * The journal on PostgreSQL: each commit is one statement and so one round trip. Separate statements for the fences,
 * the heads and the row, between `begin` and `commit`, took five.
 */
export class PostgresJournal {
  /** The number of the next row. */
  next = 1;
  /** Whether the next row may already have been written, by an attempt without a response. */
  isDoubtful = false;
  /**
   * The writers that may have text in the next row, by their numbers. An attempt without a response may still be
   * executed after later attempts have failed; the number of the row lets only one attempt succeed.
   */
  private readonly attempted = new Map<number, JournalWriter>();

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly live: LiveDeltas,
  ) {}

  /** See `Journal.commit`. */
  async commit(writers: readonly JournalWriter[], guard: JournalGuard): Promise<number> {
    if (this.isDoubtful) await this.settle();
    if (writers.length === 0) return 0;
    const at = this.database.clock.now();
    const pending = new Map<string, { readonly writer: JournalWriter; readonly delta: Delta | undefined }>();
    const claims = writers.map((writer) => {
      const { source, claim } = writer;
      const delta = writer.take();
      pending.set(source.runId, { writer, delta });
      if (!delta) return [source.runId, claim.fence];
      this.attempted.set(claim.number, writer);
      this.isDoubtful = true;
      return [source.runId, claim.fence, claim.number, source.stream, delta.offset, JSON.stringify(delta.text)];
    });
    const values = [this.log.process, this.next, at, JSON.stringify(claims)];
    const rows = await this.database.once(WRITE_DELTAS, values);
    // Without an epoch the statement has written nothing.
    const answers = rows.map((row) => ({ row, epoch: epochOf(row['epoch']) }));
    const written: Written[] = [];
    const others: JournalWriter[] = [];
    const leases: Lease[] = [];
    for (const { row, epoch } of answers) {
      const runId = String(row['id']);
      const asked = pending.get(runId);
      if (!asked) continue;
      const { writer, delta } = asked;
      if (row['owned'] === true) leases.push({ runId, leftMs: Number(row['left_ms']) });
      if (delta && row['seq'] !== null) written.push({ ...delta, writer, seq: Number(row['seq']), at, epoch });
      else if (row['owned'] === true || row['again'] === true) others.push(writer);
      else writer.lost();
    }
    this.isDoubtful = false;
    if (written.length > 0) this.publish(written);
    for (const writer of others) writer.committed();
    const renewal = guard.renewal(leases);
    if (renewal) await this.database.once(...renewal);
    return written.length;
  }

  /** Finds out whether a row in doubt was committed. */
  private async settle(): Promise<void> {
    const [found] = await this.database.once(FIND_ROW, [this.log.process, this.next]);
    const written = found ? this.writtenIn(found) : [];
    this.isDoubtful = false;
    if (found) this.publish(written);
  }

  private writtenIn({ at, data, epoch }: SqlRow): Written[] {
    return parseEntries(String(data)).flatMap(([run, seq, offset, text]) => {
      const writer = this.attempted.get(run);
      return writer ? [{ writer, seq, offset, text, at: Number(at), epoch: epochOf(epoch) }] : [];
    });
  }

  private publish(written: readonly Written[]): void {
    this.next += 1;
    this.attempted.clear();
    for (const { writer, epoch, at, seq, offset, text } of written) {
      const delta = { seq, at, offset, text };
      this.live.add(writer.source, delta);
      this.log.publish(new DeltaBatch(epoch, writer.source, delta, JSON.stringify(text)));
    }
    for (const { writer, offset, text } of written) writer.committed(offset + text.length);
  }
}
