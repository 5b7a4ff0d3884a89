import { sql } from 'kysely';
import type { EntityManager } from '../../database/database.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import { type BranchMessage, MESSAGE_WINDOW, windowStart } from '../../protocol/index.js';
import type { TextOf } from '../../streams/journal/journal-tables.js';
import { READ_BRANCH } from './branch.statements.js';
import { viewMessage } from '../chat.views.js';
import { messageOf, type MessageRow } from './message-row.js';

/** The last messages of a branch, oldest first; `hasMore` says that there are earlier ones. */
export interface BranchPage {
  readonly messages: BranchMessage[];
  readonly hasMore: boolean;
}

/** The last `limit` messages of the branch that ends at `leafId`, with the committed texts of streaming replies. */
export async function readBranch(
  transaction: RunsStatements,
  conversationId: string,
  leafId: string | null,
  limit: number,
  textOf: TextOf,
): Promise<BranchPage> {
  if (leafId === null) return { messages: [], hasMore: false };
  const rows = await transaction.all(READ_BRANCH, [conversationId, leafId, limit + 1]);
  const hasMore = rows.length > limit;
  const messages: BranchMessage[] = [];
  for (const row of hasMore ? rows.slice(1) : rows) {
    const message = messageOf(row);
    const siblingIds = String(row['siblings']).split(',');
    messages.push({ ...viewMessage(message, await textSoFar(message, textOf)), siblingIds });
  }
  return { messages, hasMore };
}

/** While a reply streams, the text of its run is only in the journal (`L2`). */
const textSoFar = async ({ status, text, runId }: MessageRow, textOf: TextOf): Promise<string> =>
  status === 'streaming' && runId !== null ? text + (await textOf(runId)) : text;

/** The window of the branch that ends at `leafId`, as a snapshot contains it. */
export async function readWindow(
  transaction: RunsStatements,
  conversationId: string,
  leafId: string | null,
  textOf: TextOf,
): Promise<BranchPage> {
  const { messages, hasMore } = await readBranch(transaction, conversationId, leafId, MESSAGE_WINDOW, textOf);
  const start = windowStart(messages);
  return { messages: messages.slice(start), hasMore: hasMore || start > 0 };
}

/** The leaf below a message that is reached by always taking the newest child: shown when a user picks the message. */
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
