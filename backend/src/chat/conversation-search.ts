import { z } from 'zod';
import type { EntityManager } from '../database/database.js';
import { type ConversationSummary, type Page, uuid } from '../protocol/index.js';
import { sql } from 'kysely';
import { viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { Run } from './run.entity.js';

export const conversationQuery = z.strictObject({
  q: z.string().trim().max(200).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export type ConversationQuery = z.infer<typeof conversationQuery>;

interface Tables {
  conversations: { id: string; user_id: string; title: string; updated_at: number; deleted_at: number | null };
  conversation_history: { conversation_id: string; text: string };
}

const position = z.tuple([z.int(), uuid]);

/** One page of a user's conversations, most recently used first. A cursor that means nothing begins anew. */
export async function findConversations(
  em: EntityManager,
  userId: string,
  { q, cursor, limit }: ConversationQuery,
): Promise<Page<ConversationSummary>> {
  let query = em
    .getKysely<Tables>()
    .selectFrom('conversations')
    .select(['id', 'updated_at'])
    .where('user_id', '=', userId)
    .where('deleted_at', 'is', null)
    .orderBy('updated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  const after = readCursor(cursor);
  if (after) {
    const [updatedAt, id] = after;
    query = query.where((where) =>
      where.or([
        where('updated_at', '<', updatedAt),
        where.and([where('updated_at', '=', updatedAt), where('id', '<', id)]),
      ]),
    );
  }
  if (q) {
    const pattern = `%${q.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const contains = (column: 'title' | 'text') => sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
    query = query.where((where) =>
      where.or([
        contains('title'),
        where.exists(
          where
            .selectFrom('conversation_history')
            .select('conversation_id')
            .whereRef('conversation_history.conversation_id', '=', 'conversations.id')
            .where(contains('text')),
        ),
      ]),
    );
  }
  const rows = await query.execute();
  const items = await summaries(
    em,
    userId,
    rows.slice(0, limit).map(({ id }) => id),
  );
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? writeCursor(last) : null };
}

/** The named conversations in the given order. */
async function summaries(em: EntityManager, userId: string, ids: readonly string[]): Promise<ConversationSummary[]> {
  const found = await em.find(Conversation, { id: { $in: [...ids] }, userId });
  const byId = new Map(found.map((conversation) => [conversation.id, conversation]));
  const running = await runningConversations(em, userId);
  return ids.flatMap((id) => {
    const conversation = byId.get(id);
    return conversation ? viewSummary(conversation, running.has(id)) : [];
  });
}

/** The ids of a user's conversations that are being answered. */
export async function runningConversations(em: EntityManager, userId: string): Promise<ReadonlySet<string>> {
  const runs = await em.find(Run, { userId, status: 'running' }, { fields: ['conversationId'] });
  return new Set(runs.map(({ conversationId }) => conversationId));
}

const writeCursor = ({ updatedAt, id }: ConversationSummary): string =>
  Buffer.from(JSON.stringify([updatedAt, id])).toString('base64url');

function readCursor(cursor: string | undefined): z.infer<typeof position> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return position.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
