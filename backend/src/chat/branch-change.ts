import type { EntityManager } from '../database/database.js';
import { type Branch, MESSAGE_WINDOW } from '../protocol/index.js';
import { branchIds, readMessages } from './branch.js';
import type { Conversation } from './conversation.entity.js';

/** What tabs had in view before a change. */
export interface WindowBefore {
  readonly leafId: string | null;
  readonly ids: ReadonlySet<string>;
}

export async function windowBefore(em: EntityManager, { id, leafId }: Conversation): Promise<WindowBefore> {
  return { leafId: leafId ?? null, ids: new Set(await branchIds(em, id, leafId ?? null, MESSAGE_WINDOW)) };
}

/** What tabs need in order to show the branch that ends at the conversation's leaf now. */
export async function branchChange(
  em: EntityManager,
  { id, leafId }: Conversation,
  before: WindowBefore,
): Promise<Branch> {
  const found = await branchIds(em, id, leafId ?? null, MESSAGE_WINDOW + 1);
  const hasMore = found.length > MESSAGE_WINDOW;
  const ids = hasMore ? found.slice(1) : found;
  const unknown = ids.filter((messageId) => !before.ids.has(messageId));
  return { ids, messages: await readMessages(em, id, unknown), hasMore };
}
