import { toJson, toNumber } from '../../database/sql/sql-values.js';
import { ChatError, type Preferences } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { type AppliedBudget, appliedBudgetOf } from '../budgets/budget-rows.js';
import { READ_STANDING } from '../runs/run.statements.js';

/** The state that decides whether and how a run may start in a conversation, read while the conversation is locked. */
export interface Standing {
  /** The number of active runs of the user. */
  readonly active: number;
  /** Whether one of them is in this conversation. */
  readonly isAnswered: boolean;
  /** The draft of the composer that the message was probably sent from. */
  readonly draft: string | null;
  /** The model that the user prefers. */
  readonly preferred: string | undefined;
  /** The models that an admin does not allow the user now. */
  readonly refusedModels: readonly string[];
  readonly applied: AppliedBudget;
}

/** Reads the state. `draftPlace` is the key of a row of `drafts`; without it no draft is read. */
export async function readStanding(
  transaction: LogTransaction,
  { id, userId }: { readonly id: string; readonly userId: string },
  draftPlace: string | null = null,
): Promise<Standing> {
  const [row = {}] = await transaction.all(READ_STANDING, [userId, id, draftPlace]);
  const preferences = toJson(row['preferences']) as Preferences | null;
  return {
    active: toNumber(row['active']),
    isAnswered: toNumber(row['answering']) > 0,
    draft: row['draft'] as string | null,
    preferred: preferences?.model,
    refusedModels: toJson(row['refused_models']) as readonly string[],
    applied: appliedBudgetOf(row),
  };
}

/**
 * The reason why no run may start in the conversation now: `run_active` while one is active in it, `rate_limited` while
 * too many of its owner are active; `undefined` if a run may start.
 */
export function findBusy({ active, isAnswered }: Standing, maxRuns: number): ChatError | undefined {
  if (isAnswered) return new ChatError('run_active', 'This conversation is being answered.');
  if (active >= maxRuns) return tooManyRuns(maxRuns);
  return undefined;
}

export const tooManyRuns = (maxRuns: number): ChatError =>
  new ChatError('rate_limited', `Only ${maxRuns} answers may be written at once.`, { retryAfterMs: 5_000 });

/** @throws ChatError the error that `findBusy` returns */
export function assertIdle(standing: Standing, maxRuns: number): void {
  const busy = findBusy(standing, maxRuns);
  if (busy) throw busy;
}
