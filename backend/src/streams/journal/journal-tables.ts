import type { RunsStatements } from '../../database/transactions/transaction.js';
import { parseStreamName, type StreamEvent } from '../../protocol/index.js';
import { deltaEvent } from './delta-tail.js';
import type { LiveDeltas } from './live-deltas.js';
import { DELTAS_AFTER, RUN_TEXTS } from './journal.statements.js';

/** Rows of the journal go when their runs have ended so long ago. */
const KEEP_MS = 10 * 60_000;

/** The deltas of a conversation's stream after `seq`, in order, at most `limit`, of runs that ended not long ago. */
export async function readDeltas(
  transaction: RunsStatements,
  stream: string,
  seq: number,
  limit: number,
  now: number,
): Promise<StreamEvent[]> {
  const name = parseStreamName(stream);
  if (name?.kind !== 'conversation') return [];
  const rows = await transaction.all(DELTAS_AFTER, [name.id, seq, now - KEEP_MS, limit]);
  return rows.map((row) =>
    deltaEvent(
      { stream, runId: String(row['run_id']), messageId: String(row['message_id']) },
      { seq: Number(row['seq']), at: Number(row['at']), offset: Number(row['offset']), text: String(row['text']) },
    ),
  );
}

/** Gives the committed text of a run: what it has written itself, not what runs before it have. */
export type TextOf = (runId: string) => Promise<string>;

/**
 * Reads texts within a transaction, from memory where that is all there is: the first row of a run may be in the table
 * while it is not known yet whether it was committed, and is not numbered then.
 */
export const textReader =
  (transaction: RunsStatements, live: LiveDeltas): TextOf =>
  async (runId) =>
    live.isComplete ? (live.textOf(runId) ?? '') : readRunText(transaction, runId);

async function readRunText(transaction: RunsStatements, runId: string): Promise<string> {
  const rows = await transaction.all(RUN_TEXTS, [runId]);
  return rows.map(({ text }) => String(text)).join('');
}
