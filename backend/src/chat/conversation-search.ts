import { sql } from 'kysely';
import { z } from 'zod';
import type { EntityManager } from '../database/database.js';
import { type ConversationSummary, type FoundConversation, type Page, uuid } from '../protocol/index.js';
import { viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { Message } from './message.entity.js';
import { Run } from './run.entity.js';
import { excerptOf } from './search-excerpt.js';
import { planSearch, type SearchPlan } from './search-index.js';
import { readSearch, type SearchWords } from './search-words.js';

export const conversationQuery = z.strictObject({
  q: z.string().trim().max(200).optional(),
  /** Both kinds where it is missing. */
  archived: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export type ConversationQuery = z.infer<typeof conversationQuery>;

interface Tables {
  conversations: {
    id: string;
    user_id: string;
    archived: boolean;
    deleted_at: number | null;
    updated_at: number;
  };
}

interface Row {
  readonly id: string;
  /** Where something was found. */
  readonly message_id?: string | null;
}

const position = z.tuple([z.int(), uuid]);

/**
 * One page of a user's conversations, most recently used first; those that a search found come with the newest message
 * that has all its words. A query without a word finds nothing. A cursor that means nothing begins anew.
 */
export async function findConversations(
  em: EntityManager,
  userId: string,
  { q, archived, cursor, limit }: ConversationQuery,
): Promise<Page<FoundConversation>> {
  const search = q ? readSearch(q) : undefined;
  if (q && !search) return { items: [], nextCursor: null };
  let query = listed(em)
    .where('user_id', '=', userId)
    .where('deleted_at', 'is', null)
    .orderBy('updated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (archived !== undefined) query = query.where(sql<boolean>`archived = ${sql.lit(archived)}`);
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
  const rows = search ? await matching(query, await planSearch(em, userId, search)) : await query.execute();
  const items = await describe(em, userId, rows.slice(0, limit), search);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? writeCursor(last) : null };
}

const listed = (em: EntityManager) => em.getKysely<Tables>().selectFrom('conversations').select(['id', 'updated_at']);

/** Those of the list in which something is found. */
function matching(list: ReturnType<typeof listed>, plan: SearchPlan): Promise<Row[]> {
  switch (plan.kind) {
    case 'few':
      return list
        .innerJoin(plan.found.as('found'), 'found.conversation_id', 'conversations.id')
        .select('found.message_id')
        .execute();
    case 'many':
      return list.where(plan.isThere).select(plan.messageId.as('message_id')).execute();
  }
}

/** The conversations of the rows, in their order. */
async function describe(
  em: EntityManager,
  userId: string,
  rows: readonly Row[],
  search: SearchWords | undefined,
): Promise<FoundConversation[]> {
  const found = await em.find(Conversation, { id: { $in: rows.map(({ id }) => id) }, userId });
  const byId = new Map(found.map((conversation) => [conversation.id, conversation]));
  const running = await runningConversations(em, userId);
  const texts = search ? await textsOf(em, rows) : new Map<string, string>();
  return rows.flatMap(({ id, message_id: messageId }) => {
    const conversation = byId.get(id);
    if (!conversation) return [];
    const text = messageId ? texts.get(messageId) : undefined;
    return {
      ...viewSummary(conversation, running.has(id)),
      ...(search && messageId && text !== undefined && { hit: { messageId, excerpt: excerptOf(text, search) } }),
    };
  });
}

async function textsOf(em: EntityManager, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const ids = rows.flatMap(({ message_id: messageId }) => messageId ?? []);
  const messages = await em.find(Message, { id: { $in: ids } }, { fields: ['id', 'text'] });
  return new Map(messages.map(({ id, text }) => [id, text]));
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
