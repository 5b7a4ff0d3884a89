import type { InferKyselyDB } from '@mikro-orm/sql';
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type { EntityManager } from '../../database/database.js';
import { type ConversationSummary, type FoundConversation, type Page, plainText, uuid } from '../../protocol/index.js';
import type { ConversationSchema } from '../conversations/conversation.entity.js';
import type { MessageSchema } from '../messages/message.entity.js';
import type { RunSchema } from '../runs/run.entity.js';
import { inSlices } from './in-slices.js';
import { excerptSteps } from './search-excerpt.js';
import { planSearch, type SearchPlan } from './search-index.js';
import { readSearch, type SearchWords } from './search-terms.js';

export const conversationQuery = z.strictObject({
  q: plainText.trim().max(200).optional(),
  /** Missing: archived and other conversations. */
  archived: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  cursor: plainText.max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export type ConversationQuery = z.infer<typeof conversationQuery>;

type Tables = InferKyselyDB<typeof ConversationSchema | typeof MessageSchema | typeof RunSchema>;

/** The columns of a summary. SQLite returns booleans as numbers, PostgreSQL 64-bit numbers as text. */
const SHOWN = ['id', 'title', 'pinned', 'archived', 'leaf_id', 'created_at', 'updated_at'] as const;

interface Row extends Pick<Selectable<Tables['conversations']>, (typeof SHOWN)[number]> {
  /** The message that matches; `null` when only the title does. */
  readonly message_id?: string | null;
}

const position = z.tuple([z.int(), uuid]);

/** Runs `work` in one read transaction. */
type Reading = <T>(work: (em: EntityManager) => Promise<T>) => Promise<T>;

/** The rows of one page. */
interface Found {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  /** The ids of the user's conversations with an active run. */
  readonly running: ReadonlySet<string>;
  /** The texts of the messages that match, by id. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * One page of a user's conversations, most recently used first. Search results come with the newest message that
 * contains all words of the query. A query without words finds nothing. An invalid cursor is ignored.
 *
 * Excerpts are cut after the transaction, in slices of a few milliseconds, because texts may be long.
 */
export async function findConversations(
  read: Reading,
  userId: string,
  query: ConversationQuery,
): Promise<Page<FoundConversation>> {
  const search = query.q ? readSearch(query.q) : undefined;
  if (query.q && !search) return { items: [], nextCursor: null };
  const found = await read((em) => readPage(em, userId, query, search));
  const items = await inSlices(describe(found, search));
  const last = items.at(-1);
  return { items, nextCursor: found.hasMore && last ? writeCursor(last) : null };
}

async function readPage(
  em: EntityManager,
  userId: string,
  { archived, cursor, limit }: ConversationQuery,
  search: SearchWords | undefined,
): Promise<Found> {
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
  const shown = rows.slice(0, limit);
  return {
    rows: shown,
    hasMore: rows.length > limit,
    running: await runningConversations(em, userId),
    texts: search ? await textsOf(em, shown) : new Map(),
  };
}

const listed = (em: EntityManager) =>
  em
    .getKysely<Tables>()
    .selectFrom('conversations')
    .select([...SHOWN]);

/** The conversations of the list that match the search. */
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
function* describe(
  { rows, running, texts }: Found,
  search: SearchWords | undefined,
): Generator<undefined, FoundConversation[]> {
  const items: FoundConversation[] = [];
  for (const row of rows) {
    const summary = viewRow(row, running.has(row.id));
    const { message_id: messageId } = row;
    const text = messageId ? texts.get(messageId) : undefined;
    if (!search || !messageId || text === undefined) {
      items.push(summary);
    } else {
      items.push({ ...summary, hit: { messageId, excerpt: yield* excerptSteps(text, search) } });
      yield;
    }
  }
  return items;
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

/** The ids of a user's conversations with an active run. */
async function runningConversations(em: EntityManager, userId: string): Promise<ReadonlySet<string>> {
  const query = em.getKysely<Tables>().selectFrom('runs').select('conversation_id');
  const runs = await query.where('user_id', '=', userId).where('status', '=', 'running').execute();
  return new Set(runs.map(({ conversation_id: id }) => id));
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
