import { randomUUID } from 'node:crypto';
import BetterSqlite from 'better-sqlite3';
import type { Person } from './systems/lockstep-system.ts';

/** A word in every message, and a word in very few. */
export const COMMON_WORD = 'common';
export const RARE_WORD = 'rare77';

const AT_A_TIME = 2_000;
const WORDS =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda river mountain cloud engine paper stone'.split(' ');
const WORDS_A_MESSAGE = 24;

function textOf(conversation: number, message: number): string {
  const words = Array.from(
    { length: WORDS_A_MESSAGE },
    (_, at) => WORDS[(conversation * 7 + at * (message + 3) + (conversation >> 3)) % WORDS.length],
  );
  // Ten of 100,000 conversations, and at least one of the first user for any number.
  const mark = conversation % 10_000 === 75 ? RARE_WORD : `w${conversation % 5_000}`;
  return [COMMON_WORD, ...words, mark].join(' ');
}

/**
 * Inserts conversations of one question and one answer into a database that a server has created, including the search
 * index. The first user has two fifths of them. No server may run: SQLite writes without syncing.
 */
export function fillConversations(path: string, people: readonly Person[], count: number): void {
  const database = new BetterSqlite(path);
  database.pragma('synchronous = off');
  const conversation = database.prepare(
    `insert into conversations (id, user_id, title, title_source, pinned, archived, leaf_id, created_at, updated_at)
     values (?, ?, ?, 'owner', 0, 0, ?, ?, ?)`,
  );
  const message = database.prepare(
    `insert into conversation_history (id, conversation_id, user_id, parent_id, role, text, status, model, created_at)
     values (?, ?, ?, ?, ?, ?, 'completed', ?, ?)`,
  );
  const document = database.prepare('insert into search_words (document_id, conversation_id) values (?, ?)');
  const words = database.prepare(
    'insert into search_words_index (rowid, owner, conversation, words) values (?, ?, ?, ?)',
  );
  const keyOf = (id: string): string => id.replaceAll('-', '');
  const began = Date.now() - count * 1_000;

  const add = (at: number): void => {
    const owner = people[at % 5 < 2 ? 0 : at % people.length]?.userId ?? '';
    const [id, question, answer] = [randomUUID(), randomUUID(), randomUUID()];
    const moment = began + at * 1_000;
    const [asked, answered, title] = [textOf(at, 1), textOf(at, 2), `${COMMON_WORD} title ${at}`];
    conversation.run(id, owner, title, answer, moment, moment);
    message.run(question, id, owner, null, 'user', asked, null, moment);
    message.run(answer, id, owner, question, 'assistant', answered, 'bench', moment + 1);
    for (const [documentId, text] of [
      [id, title],
      [question, asked],
      [answer, answered],
    ] as const) {
      words.run(document.run(documentId, id).lastInsertRowid, keyOf(owner), keyOf(id), text);
    }
  };
  const addSome = database.transaction((from: number) => {
    for (let at = from; at < Math.min(from + AT_A_TIME, count); at += 1) add(at);
  });
  for (let from = 0; from < count; from += AT_A_TIME) addSome(from);
  database.pragma('wal_checkpoint(truncate)');
  database.close();
}
