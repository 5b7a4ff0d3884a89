import { CONTINUE_INSTRUCTION } from '../../models/continue-instruction.js';
import type { Turn } from '../../models/model-request.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { READ_HISTORY } from './message.statements.js';

/** More messages than the context of any model holds; `writePrompt` trims to `contextTokens`. */
const MAX_HISTORY = 1_000;

/** The turns after the question in a prompt that asks the model to continue a reply that ended early. */
export const continuedBy = (reply: string): Turn[] => [
  { role: 'assistant', text: reply },
  { role: 'user', text: CONTINUE_INSTRUCTION },
];

/** The branch that ends at a message, oldest first, for the prompt; empty replies are left out. */
export async function readHistory(
  transaction: Pick<LogTransaction, 'all'>,
  conversationId: string,
  leafId: string | null,
): Promise<Turn[]> {
  if (leafId === null) return [];
  const rows = await transaction.all(READ_HISTORY, [conversationId, leafId, MAX_HISTORY]);
  return rows.map(({ role, text }) => ({ role, text }) as Turn);
}
