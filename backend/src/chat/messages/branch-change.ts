import type { RunsStatements } from '../../database/transactions/transaction.js';
import type { Branch } from '../../protocol/index.js';
import type { TextOf } from '../../streams/journal/journal-tables.js';
import { readWindow } from './branch.js';
import type { Conversation } from '../conversations/conversation.entity.js';

/**
 * The data that tabs need to switch from the branch that ends at `leafBefore` to the branch that ends at the current
 * leaf of the conversation.
 */
export async function branchChange(
  transaction: RunsStatements,
  { id, leafId }: Pick<Conversation, 'id' | 'leafId'>,
  leafBefore: string | null,
  textOf: TextOf,
): Promise<Branch> {
  const before = await readWindow(transaction, id, leafBefore, textOf);
  const known = new Set(before.messages.map((message) => message.id));
  const { messages, hasMore } = await readWindow(transaction, id, leafId ?? null, textOf);
  return {
    ids: messages.map((message) => message.id),
    messages: messages.filter((message) => !known.has(message.id)),
    hasMore,
  };
}
