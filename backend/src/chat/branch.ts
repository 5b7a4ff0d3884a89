import { sql } from 'kysely';
import type { EntityManager } from '../database/database.js';
import { type BranchMessage, MESSAGE_WINDOW, windowStart } from '../protocol/index.js';
import type { TextOf } from '../streams/journal-tables.js';
import { viewMessage } from './chat.views.js';
import { Message } from './message.entity.js';
import { streamedTexts } from './run-text.js';

/** The end of a branch, oldest first; `hasMore` says that it goes further back. */
export interface BranchPage {
  readonly messages: BranchMessage[];
  readonly hasMore: boolean;
}

/**
 * The ids from a message towards the root, oldest first, at most `limit`.
 * @returns an empty list when there is no such message in the conversation
 */
async function branchIds(
  em: EntityManager,
  conversationId: string,
  leafId: string | null,
  limit: number,
): Promise<string[]> {
  if (leafId === null) return [];
  const { rows } = await sql<{ id: string }>`
    with recursive branch (id, parent_id, depth) as (
      select id, parent_id, 1 from conversation_history
      where conversation_id = ${conversationId} and id = ${leafId}
      union all
      select history.id, history.parent_id, branch.depth + 1
      from branch join conversation_history history on history.id = branch.parent_id
      where branch.depth < ${limit}
    )
    select id from branch order by depth desc`.execute(em.getKysely());
  return rows.map(({ id }) => id);
}

/** The last `limit` messages of the branch that ends at `leafId`, as a reader sees them. */
export async function readBranch(
  em: EntityManager,
  conversationId: string,
  leafId: string | null,
  limit: number,
  textOf: TextOf,
): Promise<BranchPage> {
  const ids = await branchIds(em, conversationId, leafId, limit + 1);
  const hasMore = ids.length > limit;
  const messages = await readMessages(em, conversationId, hasMore ? ids.slice(1) : ids, textOf);
  return { messages, hasMore };
}

/** The end of the branch at `leafId` that a snapshot holds. */
export async function readWindow(
  em: EntityManager,
  conversationId: string,
  leafId: string | null,
  textOf: TextOf,
): Promise<BranchPage> {
  const { messages, hasMore } = await readBranch(em, conversationId, leafId, MESSAGE_WINDOW, textOf);
  const start = windowStart(messages);
  return { messages: messages.slice(start), hasMore: hasMore || start > 0 };
}

/** The named messages in the given order, each with its siblings and, while it streams, with its text so far. */
async function readMessages(
  em: EntityManager,
  conversationId: string,
  ids: readonly string[],
  textOf: TextOf,
): Promise<BranchMessage[]> {
  if (ids.length === 0) return [];
  const rows = await em.find(Message, { conversationId, id: { $in: [...ids] } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const siblings = await readSiblings(em, conversationId, rows);
  const texts = await streamedTexts(
    em,
    rows.filter(({ status }) => status === 'streaming'),
    textOf,
  );
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (!row) return [];
    return { ...viewMessage(row, texts.get(id)), siblingIds: siblings.get(row.parentId ?? null) ?? [id] };
  });
}

/** For each parent of the given messages, the ids of all its children, oldest first. */
async function readSiblings(
  em: EntityManager,
  conversationId: string,
  messages: readonly Message[],
): Promise<ReadonlyMap<string | null, string[]>> {
  const parentIds = [...new Set(messages.map(({ parentId }) => parentId ?? null))];
  const children = await em.find(
    Message,
    { conversationId, $or: [{ parentId: { $in: parentIds.filter((id) => id !== null) } }, ...rootFilter(parentIds)] },
    { fields: ['id', 'parentId'], orderBy: { createdAt: 'asc', id: 'asc' } },
  );
  const siblings = new Map<string | null, string[]>();
  for (const { id, parentId } of children) {
    const list = siblings.get(parentId ?? null);
    if (list) list.push(id);
    else siblings.set(parentId ?? null, [id]);
  }
  return siblings;
}

const rootFilter = (parentIds: readonly (string | null)[]): { parentId: null }[] =>
  parentIds.includes(null) ? [{ parentId: null }] : [];

/** The newest leaf below a message: where a reader lands who chooses that message. */
export async function newestLeaf(em: EntityManager, conversationId: string, messageId: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    with recursive walk (id, depth) as (
      select id, 1 from conversation_history where conversation_id = ${conversationId} and id = ${messageId}
      union all
      select (
        select child.id from conversation_history child
        where child.conversation_id = ${conversationId} and child.parent_id = walk.id
        order by child.created_at desc, child.id desc limit 1
      ), walk.depth + 1
      from walk where walk.id is not null
    )
    select id from walk where id is not null order by depth desc limit 1`.execute(em.getKysely());
  return rows[0]?.id ?? messageId;
}
