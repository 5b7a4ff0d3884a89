import { type RawBuilder, sql } from 'kysely';
import type { EntityManager } from '../database/database.js';
import type { Conversation } from './conversation.entity.js';
import { keysIn, type SearchWords } from './search-words.js';

/*
 * Each database has its own kind of index: SQLite a virtual table of FTS5, PostgreSQL a `tsvector` with GIN. Both are
 * given keys that this program made, so that they find the same; their own idea of words is left out. The keys of a
 * document come with one for its owner, for a search of one person must not look through everybody's words.
 *
 * No entity stands for these tables: see `UNMAPPED_TABLES`.
 */

/** A text that can be found: a message, or, under the conversation's own id, its title. */
export interface SearchDocument {
  readonly id: string;
  readonly conversationId: string;
  readonly userId: string;
  readonly text: string;
}

/** A conversation in which something was found, and the newest message that has it; `null` when its title alone does. */
export interface FoundRow {
  conversation_id: string;
  message_id: string | null;
}

const isPostgres = (em: EntityManager): boolean => em.getPlatform().constructor.name.startsWith('Postgre');

/**
 * Puts a text into the index, in the caller's transaction, in the place of what was known of that document. The row of
 * the conversation must have been flushed; its documents go when it goes.
 */
export async function indexDocument(em: EntityManager, document: SearchDocument): Promise<void> {
  const { id, conversationId, userId } = document;
  const db = em.getKysely();
  const keys = keysIn(document.text);
  if (isPostgres(em)) {
    await sql`
      insert into search_words (document_id, conversation_id, words)
      values (${id}, ${conversationId}, array_to_tsvector(string_to_array(${[ownerKey(userId), ...keys].join(' ')}, ' ')))
      on conflict (document_id) do update set words = excluded.words`.execute(db);
    return;
  }
  await sql`delete from search_words where document_id = ${id}`.execute(db);
  await sql`insert into search_words (document_id, conversation_id) values (${id}, ${conversationId})`.execute(db);
  await sql`
    insert into search_words_index (rowid, owner, words)
    select id, ${ownerColumn(userId)}, ${keys.join(' ')} from search_words where document_id = ${id}`.execute(db);
}

export const indexTitle = (em: EntityManager, { id, userId, title }: Conversation): Promise<void> =>
  indexDocument(em, { id, conversationId: id, userId, text: title });

/** A query for the conversations of a user in which one text has all the words. */
export function findDocuments(em: EntityManager, userId: string, { whole, last }: SearchWords): RawBuilder<FoundRow> {
  // Ids of messages grow with time; PostgreSQL finds no greatest among them unless they are texts.
  const newest = sql`max(case when document_id <> conversation_id then cast(document_id as text) end)`;
  if (isPostgres(em)) {
    const query = [...[ownerKey(userId), ...whole].map(quoted), `${quoted(last)}:*`].join(' & ');
    return sql`(
      select conversation_id, ${newest} as message_id from search_words
      where words @@ cast(${query} as tsquery) group by conversation_id)`;
  }
  const words = [...whole.map(doubleQuoted), `${doubleQuoted(last)} *`].join(' AND ');
  const query = `owner : ${doubleQuoted(ownerColumn(userId))} AND words : (${words})`;
  return sql`(
    select conversation_id, ${newest} as message_id
    from search_words_index join search_words on search_words.id = search_words_index.rowid
    where search_words_index match ${query} group by conversation_id)`;
}

/** No word has this sign. */
const ownerKey = (userId: string): string => `@${userId}`;
const ownerColumn = (userId: string): string => userId.replaceAll('-', '');

// Keys are letters and digits alone: there is nothing in them to be escaped.
const quoted = (key: string): string => `'${key}'`;
const doubleQuoted = (key: string): string => `"${key}"`;
