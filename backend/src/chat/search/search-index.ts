import { type RawBuilder, sql } from 'kysely';
import type { EntityManager } from '../../database/database.js';
import { kindOf } from '../../database/sql/connection.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { Conversation } from '../conversations/conversation.entity.js';
import { DELETE_DOCUMENT, INSERT_DOCUMENTS, INSERT_WORDS } from './search.statements.js';
import { keysIn, type SearchWords } from './search-terms.js';

/*
 * Each database has its own kind of index: SQLite a virtual table of FTS5, PostgreSQL a `tsvector` with GIN. Both index
 * the keys of `search-terms.ts`, so that they find the same; their own tokenisers are not used. Each document also has
 * a key for its owner, so that the search of one user does not scan the words of all users.
 *
 * These tables have no entities: see `UNMAPPED_TABLES`.
 */

/** A searchable text: a message, or the title of a conversation under the conversation's id. */
export interface SearchDocument {
  readonly id: string;
  readonly conversationId: string;
  readonly userId: string;
  readonly text: string;
}

/** A matching conversation and its newest matching message; `null` when only the title matches. */
interface FoundRow {
  conversation_id: string;
  message_id: string | null;
}

/**
 * How to search. A small number of matches is read and grouped by conversation. For common words there are too many
 * matches: then the conversations are tested one after the other in the order of the list, until a page is full.
 */
export type SearchPlan =
  | { readonly kind: 'few'; readonly found: RawBuilder<FoundRow> }
  | {
      readonly kind: 'many';
      /** For the current row of `conversations`: whether it has a match, and its newest matching message. */
      readonly isThere: RawBuilder<boolean>;
      readonly messageId: RawBuilder<string | null>;
    };

/** The part of a transaction that writing the index needs. */
type Writing = Pick<LogTransaction, 'all' | 'kind'>;

/** The length of the prefixes for which FTS5 has an index of their own. */
const LISTED_PREFIX = 4;
/** The highest number of words into which a prefix is expanded. */
const FEW_WORDS = 32;
/** The highest number of matches that are read and grouped. */
const FEW = 2_000;

/**
 * Adds new texts to the index, in the caller's transaction; for texts that may be indexed already use
 * `replaceDocument`. The row of the conversation must exist; when it is removed its documents are removed too.
 */
export async function indexDocuments(transaction: Writing, documents: readonly SearchDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const rows = JSON.stringify(
    documents.map(({ id, conversationId, userId, text }) => [id, conversationId, userId, keysIn(text).join(' ')]),
  );
  await transaction.all(INSERT_DOCUMENTS, [rows]);
  if (transaction.kind === 'sqlite') await transaction.all(INSERT_WORDS, [rows]);
}

/** Adds a text to the index or replaces it; otherwise like `indexDocuments`. */
export async function replaceDocument(transaction: Writing, document: SearchDocument): Promise<void> {
  if (transaction.kind === 'sqlite') await transaction.all(DELETE_DOCUMENT, [document.id]);
  await indexDocuments(transaction, [document]);
}

/** The searchable document of a conversation's title. */
export const titleOf = ({ id, userId, title }: Pick<Conversation, 'id' | 'userId' | 'title'>): SearchDocument => ({
  id,
  conversationId: id,
  userId,
  text: title,
});

/** Plans the search for conversations of a user in which a single text has all words. */
export async function planSearch(em: EntityManager, userId: string, words: SearchWords): Promise<SearchPlan> {
  const { matches, inConversation } =
    kindOf(em) === 'postgresql'
      ? postgresSearch(userId, words)
      : sqliteSearch(userId, words, await wordsThatBegin(em, words.last));
  const counted = await sql<{ count: number }>`
    select count(*) as count from (select 1 from ${matches} limit ${FEW + 1}) as counted`.execute(em.getKysely());
  // Ids of messages grow with time. PostgreSQL has no `max` for UUIDs, hence the cast.
  const newest = sql`max(case when document_id <> conversation_id then cast(document_id as text) end)`;
  if (Number(counted.rows[0]?.count) <= FEW) {
    const found = sql<FoundRow>`(
      select conversation_id, ${newest} as message_id from ${matches} group by conversation_id)`;
    return { kind: 'few', found };
  }
  return {
    kind: 'many',
    isThere: sql`exists (select 1 from ${inConversation})`,
    messageId: sql`(select ${newest} from ${inConversation})`,
  };
}

/** The text after `from`: the matching rows of `search_words`, of a user or of the current row of `conversations`. */
interface Matches {
  readonly matches: RawBuilder<unknown>;
  readonly inConversation: RawBuilder<unknown>;
}

function postgresSearch(userId: string, { whole, within, last }: SearchWords): Matches {
  const words = [...whole.map(quoted), ...[...within, last].map((word) => `${quoted(word)}:*`)];
  const has = (keys: readonly string[]) => sql`words @@ cast(${keys.join(' & ')} as tsquery)`;
  return {
    matches: sql`search_words where ${has([quoted(ownerKey(userId)), ...words])}`,
    inConversation: sql`search_words where conversation_id = conversations.id and ${has(words)}`,
  };
}

/**
 * The words in the index with this prefix. FTS5 reads the lists of whole words incrementally, but merges all lists of a
 * prefix before it returns anything, so that a few words are faster than their prefix.
 * @returns an empty list when FTS5 has an index for prefixes of this length, or when there are too many words
 */
async function wordsThatBegin(em: EntityManager, beginning: string): Promise<string[]> {
  if ([...beginning].length <= LISTED_PREFIX) return [];
  const { rows } = await sql<{ term: string }>`
    select term from search_words_vocabulary
    where term >= ${beginning} and term < ${`${beginning}\u{10ffff}`} limit ${FEW_WORDS + 1}`.execute(em.getKysely());
  return rows.length > FEW_WORDS ? [] : rows.map(({ term }) => term);
}

function sqliteSearch(userId: string, { whole, within, last }: SearchWords, ofLast: readonly string[]): Matches {
  const lastOnes = ofLast.length > 0 ? `(${ofLast.map(doubleQuoted).join(' OR ')})` : `${doubleQuoted(last)} *`;
  const words = [...whole.map(doubleQuoted), ...within.map((word) => `${doubleQuoted(word)} *`), lastOnes].join(
    ' AND ',
  );
  const matching = (query: RawBuilder<unknown>) => sql`
    search_words_index join search_words on search_words.id = search_words_index.rowid
    where search_words_index match ${query}`;
  const behind = `" AND words : (${words})`;
  const ofOwner = `owner : "${keyOfId(userId)}${behind}`;
  // A long prefix is merged again for each query: so it is queried once, and not for each conversation.
  return {
    matches: matching(sql`${ofOwner}`),
    inConversation:
      [...last].length <= LISTED_PREFIX || ofLast.length > 0
        ? matching(sql`'conversation : "' || replace(conversations.id, '-', '') || ${behind}`)
        : sql`search_words where conversation_id = conversations.id and +search_words.id in (select rowid
            from search_words_index where search_words_index match ${ofOwner})`,
  };
}

/** Keys of words contain no `@`. */
const ownerKey = (userId: string): string => `@${userId}`;
/** SQLite's tokeniser splits at hyphens. */
const keyOfId = (id: string): string => id.replaceAll('-', '');

// Keys contain only letters, digits and marks: there is nothing to escape.
const quoted = (key: string): string => `'${key}'`;
const doubleQuoted = (key: string): string => `"${key}"`;
