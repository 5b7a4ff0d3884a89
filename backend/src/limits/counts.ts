import { Logger } from '@nestjs/common';
import { within } from '../common/within.js';
import type { Database } from '../database/database.js';
import { toNumber } from '../database/sql/sql-values.js';
import type { SqlRow } from '../database/sql/statement.js';
import { patiently } from '../database/transactions/patience.js';
import type { RunsStatements } from '../database/transactions/transaction.js';
import { ADD_POINTS, READ_POINTS, REMOVE_POINTS, SET_POINTS } from './rate-limit.statements.js';

/** The count of a window, and when it ends. */
export interface Count {
  readonly points: number;
  readonly msLeft: number;
}

/** How long a limit waits for the database before it counts in memory. */
const PATIENCE_MS = 1_000;
/** How long the database is left alone after it did not answer: otherwise every request would wait for it. */
const PAUSE_MS = 5_000;

interface Waiting {
  readonly durationMs: number;
  points: number;
  /** Those who have added points, each with the sum of the points up to their own. */
  readonly callers: { readonly upTo: number; readonly resolve: (count: Count) => void }[];
  readonly failed: ((error: unknown) => void)[];
}

/**
 * The counts of all limits in the database. Points that are added while a statement runs are written together by the
 * next one, with one row for each key: thousands of requests at once cost a few statements.
 *
 * Each write is a single statement, which is a transaction of its own: SQLite takes its write lock at once, as for
 * `BEGIN IMMEDIATE`.
 */
export class Counts {
  private readonly logger = new Logger('Limits');
  private waiting = new Map<string, Waiting>();
  private isWriting = false;
  private pausedUntil = 0;

  constructor(private readonly database: Database) {}

  /**
   * Adds points to a window. @returns the count with all points that were added before, by any process
   * @throws Error when the database does not answer in time, or did not a moment ago
   */
  add(key: string, points: number, durationMs: number): Promise<Count> {
    if (performance.now() < this.pausedUntil) return Promise.reject(new Error('The database has not answered'));
    const { promise, resolve, reject } = Promise.withResolvers<Count>();
    const waiting = this.waiting.get(key) ?? { durationMs, points: 0, callers: [], failed: [] };
    this.waiting.set(key, waiting);
    waiting.points += points;
    waiting.callers.push({ upTo: waiting.points, resolve });
    waiting.failed.push(reject);
    void this.write();
    return promise;
  }

  /** Adds points within a transaction: they count if it is committed. @throws what the driver throws */
  async addWithin({ all }: RunsStatements, key: string, points: number, durationMs: number): Promise<Count> {
    const now = this.database.clock.now();
    const rows = await all(ADD_POINTS, [JSON.stringify([{ key, points, expires_at: now + durationMs }]), now]);
    return countOf(rows[0], now);
  }

  /** Begins a window with a given count. */
  async set(key: string, points: number, durationMs: number): Promise<Count> {
    const now = this.database.clock.now();
    const [row] = await this.database.query(SET_POINTS, [key, points, now + durationMs]);
    return countOf(row, now);
  }

  /** @returns the count of an open window, `null` without one */
  async read(key: string): Promise<Count | null> {
    const now = this.database.clock.now();
    const [row] = await this.database.query(READ_POINTS, [key, now]);
    return row ? countOf(row, now) : null;
  }

  /** Ends a window. @returns whether there was one */
  async remove(key: string): Promise<boolean> {
    return (await this.database.query(REMOVE_POINTS, [key])).length > 0;
  }

  private async write(): Promise<void> {
    if (this.isWriting) return;
    this.isWriting = true;
    while (this.waiting.size > 0) {
      // After all callers of this turn.
      await Promise.resolve();
      const batch = this.waiting;
      this.waiting = new Map();
      try {
        await this.writeAll(batch);
      } catch (error) {
        this.pausedUntil = performance.now() + PAUSE_MS;
        this.logger.warn({ msg: 'The database does not answer: each process counts for itself', err: error });
        for (const { failed } of batch.values()) for (const reject of failed) reject(error);
      }
    }
    this.isWriting = false;
  }

  private async writeAll(batch: ReadonlyMap<string, Waiting>): Promise<void> {
    const now = this.database.clock.now();
    const added = [...batch]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { points, durationMs }]) => ({ key, points, expires_at: now + durationMs }));
    const writing = patiently(PATIENCE_MS, () => this.database.once(ADD_POINTS, [JSON.stringify(added), now]));
    if (!(await within(PATIENCE_MS, writing))) throw new Error('The database did not answer in time');
    for (const row of await writing) {
      const waiting = batch.get(String(row['key']));
      const { points, msLeft } = countOf(row, now);
      for (const { upTo, resolve } of waiting?.callers ?? []) {
        resolve({ points: points - (waiting?.points ?? 0) + upTo, msLeft });
      }
    }
  }
}

const countOf = (row: SqlRow | undefined, now: number): Count => ({
  points: toNumber(row?.['points']),
  msLeft: toNumber(row?.['expires_at']) - now,
});
