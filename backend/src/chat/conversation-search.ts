import { sql } from 'kysely';
import { z } from 'zod';
import type { EntityManager } from '../database/database.js';
import { type ConversationSummary, type FoundConversation, type Page, plainText, uuid } from '../protocol/index.js';
import { Run } from './run.entity.js';
import { excerptOf } from './search-excerpt.js';
import { planSearch, type SearchPlan } from './search-index.js';
import { readSearch, type SearchWords } from './search-words.js';

export const conversationQuery = z.strictObject({
  q: plainText.trim().max(200).optional(),
  /** Both kinds where it is missing. */
  archived: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  cursor: plainText.max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export type ConversationQuery = z.infer<typeof conversationQuery>;

interface Tables {
  conversations: {
    id: string;
    user_id: string;
    title: string;
    pinned: boolean;
    archived: boolean;
    leaf_id: string | null;
    deleted_at: number | null;
    created_at: number;
    updated_at: number;
  };
  conversation_history: { id: string; text: string };
}

/** What a line of the list shows. SQLite gives booleans as numbers, PostgreSQL 64-bit numbers as text. */
const SHOWN = ['id', 'title', 'pinned', 'archived', 'leaf_id', 'created_at', 'updated_at'] as const;

interface Row extends Pick<Tables['conversations'], (typeof SHOWN)[number]> {
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

const listed = (em: EntityManager) =>
  em
    .getKysely<Tables>()
    .selectFrom('conversations')
    .select([...SHOWN]);

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
  const running = await runningConversations(em, userId);
  const texts = search ? await textsOf(em, rows) : new Map<string, string>();
  return rows.map((row) => {
    const { message_id: messageId } = row;
    const text = messageId ? texts.get(messageId) : undefined;
    return {
      ...viewRow(row, running.has(row.id)),
      ...(search && messageId && text !== undefined && { hit: { messageId, excerpt: excerptOf(text, search) } }),
    };
  });
}

const viewRow = (row: Row, running: boolean): ConversationSummary => ({
  id: row.id,
  title: row.title,
  pinned: Boolean(row.pinned),
  archived: Boolean(row.archived),
  leafId: row.leaf_id,
  createdAt: Number(row.created_at),
  updatedAt: Number(row.updated_at),
  running,
});

async function textsOf(em: EntityManager, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const ids = rows.flatMap(({ message_id: messageId }) => messageId ?? []);
  if (ids.length === 0) return new Map();
  const query = em.getKysely<Tables>().selectFrom('conversation_history').select(['id', 'text']).where('id', 'in', ids);
  const messages = await query.execute();
  return new Map(messages.map(({ id, text }) => [id, text]));
}

/** The ids of a user's conversations that are being answered. */
async function runningConversations(em: EntityManager, userId: string): Promise<ReadonlySet<string>> {
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
