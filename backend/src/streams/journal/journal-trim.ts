import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../database/database.js';
import { parseEntries } from './journal-entry.js';
import { DROP_ROWS, FORGET_DELTAS, HELD_FROM, JOURNAL_PROCESSES, OLDEST_ROWS } from './journal.statements.js';
import { StepSize } from '../compaction/step-size.js';

/** The size of a step, in rows. A row has one delta, or those of hundreds of runs. */
const [FIRST_ROWS, LEAST_ROWS, MOST_ROWS] = [50, 25, 500];

/** The rows that a step can delete: those after `after`, up to and including `upTo`. */
interface Front {
  readonly after: number;
  readonly upTo: number;
  /** By the number of the run: the newest of its deleted deltas, as a number in its stream. */
  readonly newest: ReadonlyMap<number, number>;
  readonly isLast: boolean;
}

const NOTHING: Front = { after: 0, upTo: 0, newest: new Map(), isLast: false };

/**
 * Deletes the rows of the journal that were written before a time in milliseconds since 1970, from the oldest on. Rows
 * of running runs stay, and so do all rows behind them. The work is split into short transactions with pauses.
 */
export async function trimJournal(database: Database, before: number, signal?: AbortSignal): Promise<void> {
  const size = new StepSize(FIRST_ROWS, LEAST_ROWS, MOST_ROWS);
  for (const row of await database.query(JOURNAL_PROCESSES, [])) {
    const process = Number(row['process']);
    let front = NOTHING;
    while (!front.isLast) {
      if (signal?.aborted) return;
      front = await readFront(database, process, before, front.upTo, size.rows);
      if (front.upTo === front.after) continue;
      const ms = await drop(database, process, front);
      const pauseMs = size.took(ms);
      if (!front.isLast) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * Reads without a lock, because the result cannot become wrong: rows are never changed, and a run that starts later
 * only needs later rows.
 */
async function readFront(
  database: Database,
  process: number,
  before: number,
  after: number,
  limit: number,
): Promise<Front> {
  const [rows, held] = await database.reading(async (transaction) => [
    await transaction.all(OLDEST_ROWS, [process, after, limit]),
    await transaction.all(HELD_FROM, [process]),
  ]);
  const heldFrom = held[0]?.['n'] === null ? Number.POSITIVE_INFINITY : Number(held[0]?.['n']);
  const old = rows.slice(0, rows.findLastIndex(({ at }) => Number(at) < before) + 1);
  const free = old.filter(({ n }) => Number(n) < heldFrom);
  const newest = new Map<number, number>();
  for (const { data } of free) {
    for (const [run, seq] of parseEntries(String(data))) newest.set(run, Math.max(seq, newest.get(run) ?? 0));
  }
  return { after, upTo: Number(free.at(-1)?.['n'] ?? after), newest, isLast: free.length < limit };
}

/** @returns how many milliseconds the transaction held its locks */
async function drop(database: Database, process: number, { after, upTo, newest }: Front): Promise<number> {
  let startedAt = 0;
  await database.transaction(async (transaction) => {
    startedAt = performance.now();
    await transaction.all(FORGET_DELTAS, [process, JSON.stringify([...newest])]);
    await transaction.all(DROP_ROWS, [process, after, upTo]);
  }, 'upkeep');
  return performance.now() - startedAt;
}
