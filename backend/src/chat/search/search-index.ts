import { type RawBuilder, sql } from 'kysely';
import { type EntityManager, isPostgres } from '../../database/database.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { Conversation } from '../conversations/conversation.entity.js';
import { DELETE_DOCUMENT, INSERT_DOCUMENTS, INSERT_WORDS } from './search.statements.js';
import { keysIn, type SearchWords } from './search-terms.js';

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
interface FoundRow {
  conversation_id: string;
  message_id: string | null;
}

/**
 * How conversations are looked for. Few matches are read and put together. Of a word that stands everywhere there are
 * too many: then the conversations are gone through in the order in which they are listed, until a page is full.
 */
export type SearchPlan =
  | { readonly kind: 'few'; readonly found: RawBuilder<FoundRow> }
  | {
      readonly kind: 'many';
      /** Of the row of `conversations` at hand: whether it has a match, and the newest message that is one. */
      readonly isThere: RawBuilder<boolean>;
      readonly messageId: RawBuilder<string | null>;
    };

/** The part of a transaction that the index is written through. */
type Writing = Pick<LogTransaction, 'all' | 'kind'>;

/** FTS5 keeps a list for each beginning of so many letters. */
const LISTED_PREFIX = 4;
/** So many words are asked for one by one. */
const FEW_WORDS = 32;
/** More matches than this are too many to be put together. */
const FEW = 2_000;

/**
 * Puts texts into the index, in the caller's transaction. Each must be new there: `replaceDocument` takes others. The
 * row of the conversation must be there; its documents go when it goes.
 */
export async function indexDocuments(transaction: Writing, documents: readonly SearchDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const rows = JSON.stringify(
    documents.map(({ id, conversationId, userId, text }) => [id, conversationId, userId, keysIn(text).join(' ')]),
  );
  await transaction.all(INSERT_DOCUMENTS, [rows]);
  if (transaction.kind === 'sqlite') await transaction.all(INSERT_WORDS, [rows]);
}

/** Puts a text into the index in the place of what was known of that document; otherwise as `indexDocuments`. */
export async function replaceDocument(transaction: Writing, document: SearchDocument): Promise<void> {
  if (transaction.kind === 'sqlite') await transaction.all(DELETE_DOCUMENT, [document.id]);
  await indexDocuments(transaction, [document]);
}

/** The document that a conversation's title is. */
export const titleOf = ({ id, userId, title }: Pick<Conversation, 'id' | 'userId' | 'title'>): SearchDocument => ({
  id,
  conversationId: id,
  userId,
  text: title,
});

/** Finds a way to the conversations of a user in which one text has all the words. */
export async function planSearch(em: EntityManager, userId: string, words: SearchWords): Promise<SearchPlan> {
  const { matches, inConversation } = isPostgres(em)
    ? postgresSearch(userId, words)
    : sqliteSearch(userId, words, await wordsThatBegin(em, words.last));
  const counted = await sql<{ count: number }>`
    select count(*) as count from (select 1 from ${matches} limit ${FEW + 1}) as counted`.execute(em.getKysely());
  // Ids of messages grow with time; PostgreSQL finds no greatest among them unless they are texts.
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

/** What follows `from`: the rows of `search_words` that match, of a user, or of the row of `conversations` at hand. */
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
 * The words of the index that begin so: FTS5 reads the lists of whole words piece by piece, and those of a beginning
 * from end to end before it finds anything.
 * @returns an empty list where FTS5 has a list of that beginning, or there are too many words
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
  // The lists of a long beginning are merged each time that it is asked for: once for all conversations, then.
  return {
    matches: matching(sql`${ofOwner}`),
    inConversation:
      [...last].length <= LISTED_PREFIX || ofLast.length > 0
        ? matching(sql`'conversation : "' || replace(conversations.id, '-', '') || ${behind}`)
        : sql`search_words where conversation_id = conversations.id and +search_words.id in (select rowid
            from search_words_index where search_words_index match ${ofOwner})`,
  };
}

/** No word has this sign. */
const ownerKey = (userId: string): string => `@${userId}`;
/** SQLite's tokeniser splits at hyphens. */
const keyOfId = (id: string): string => id.replaceAll('-', '');

// Keys are letters and digits alone: there is nothing in them to be escaped.
const quoted = (key: string): string => `'${key}'`;
const doubleQuoted = (key: string): string => `"${key}"`;
