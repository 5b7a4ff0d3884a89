import type { RunsStatements } from '../../database/transactions/transaction.js';
import { parseStreamName, type StreamEvent } from '../../protocol/index.js';
import { deltaEvent } from './delta-tail.js';
import type { LiveDeltas } from './live-deltas.js';
import { DELTAS_AFTER, RUN_TEXTS } from './journal.statements.js';

/** How long deltas stay readable after the end of their run. */
const KEEP_MS = 10 * 60_000;

/**
 * Deltas of a conversation's stream after `seq`, in order, at most `limit`, of runs that are running or ended recently.
 */
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

/** Returns the committed text of a run, without the text that earlier runs wrote in the same message. */
export type TextOf = (runId: string) => Promise<string>;

/**
 * Reads texts within a transaction. On SQLite they come from memory, not from the table: there the table may have a row
 * whose commit this process has not noticed yet, and whose events are not numbered for readers.
 */
export const textReader =
  (transaction: RunsStatements, live: LiveDeltas): TextOf =>
  async (runId) =>
    live.isComplete ? (live.textOf(runId) ?? '') : readRunText(transaction, runId);

async function readRunText(transaction: RunsStatements, runId: string): Promise<string> {
  const rows = await transaction.all(RUN_TEXTS, [runId]);
  return rows.map(({ text }) => String(text)).join('');
}
