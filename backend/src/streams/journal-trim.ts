import type { Database } from '../database/database.js';
import { DROP_ROWS, FORGET_DELTAS, HELD_FROM, JOURNAL_PROCESSES, OLDEST_BEFORE } from './journal.statements.js';

/** One transaction drops so many rows at most: some milliseconds' work, where each has deltas of hundreds of runs. */
const ROWS_PER_TURN = 50;

/**
 * Drops rows of the journal that were written before a moment, in milliseconds since 1970, from the front; those that
 * runs still need stay, and what follows them. One short transaction after the other, each in a turn of its own.
 */
export async function trimJournal(database: Database, before: number): Promise<void> {
  for (const { process } of await database.query(JOURNAL_PROCESSES, [])) {
    while (await dropSome(database, Number(process), before));
  }
}

/** @returns whether there may be more to drop */
async function dropSome(database: Database, process: number, before: number): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const [oldest] = await transaction.all(OLDEST_BEFORE, [process, before, ROWS_PER_TURN]);
    const [held] = await transaction.all(HELD_FROM, [process]);
    if (typeof oldest?.['n'] !== 'number' && typeof oldest?.['n'] !== 'string') return false;
    const last = Number(oldest['n']);
    const heldFrom = held?.['n'] === null ? Number.POSITIVE_INFINITY : Number(held?.['n']);
    const upTo = Math.min(last, heldFrom - 1);
    await transaction.all(FORGET_DELTAS, [process, upTo]);
    await transaction.all(DROP_ROWS, [process, upTo]);
    return upTo === last;
  }, 'upkeep');
}
