import { toJson, toNumber } from '../../database/sql/sql-values.js';
import { ChatError, type Preferences } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { READ_STANDING } from '../runs/run.statements.js';

/** What decides whether and how a run may begin in a conversation, as it stands under the conversation's lock. */
export interface Standing {
  /** How many answers are being written for the user. */
  readonly active: number;
  /** Whether one of them is the conversation's. */
  readonly isAnswered: boolean;
  /** What stands in the composer from which the question may have come. */
  readonly draft: string | null;
  /** The model that the user prefers. */
  readonly preferred: string | undefined;
}

/** `draftPlace` names a row of `drafts`; nothing is read of a composer without it. */
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
  };
}

/**
 * Why no run may begin in the conversation now: `run_active` while it is being answered, `rate_limited` while too many
 * others of its owner are.
 */
export function findBusy({ active, isAnswered }: Standing, maxRuns: number): ChatError | undefined {
  if (isAnswered) return new ChatError('run_active', 'This conversation is being answered.');
  if (active >= maxRuns) {
    return new ChatError('rate_limited', `Only ${maxRuns} answers may be written at once.`, { retryAfterMs: 5_000 });
  }
  return undefined;
}

/** @throws ChatError what `findBusy` finds */
export function assertIdle(standing: Standing, maxRuns: number): void {
  const busy = findBusy(standing, maxRuns);
  if (busy) throw busy;
}
