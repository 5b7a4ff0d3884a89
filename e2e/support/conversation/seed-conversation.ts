import { randomUUID } from 'node:crypto';
import Sqlite from 'better-sqlite3';

export interface SeededConversation {
  readonly id: string;
  /** Oldest first. */
  readonly messageIds: readonly string[];
}

/**
 * Writes a conversation directly into the database of a running server: questions and replies alternate, and the first
 * text is a question. A tab sees it when it opens its URL.
 */
export function seedConversation(databasePath: string, email: string, texts: readonly string[]): SeededConversation {
  const database = new Sqlite(databasePath, { timeout: 10_000 });
  try {
    const userId: unknown = database.prepare('select id from users where email = ?').pluck().get(email);
    if (typeof userId !== 'string') throw new Error(`No user has signed in as ${email} yet.`);
    const id = randomUUID();
    const messageIds = texts.map(() => randomUUID());
    const startedAt = Date.now() - texts.length * 1_000;
    const addConversation = database.prepare(
      `insert into conversations (id, user_id, title, title_source, pinned, archived, leaf_id, created_at, updated_at)
       values (?, ?, 'A long talk', 'owner', 0, 0, ?, ?, ?)`,
    );
    const addMessage = database.prepare(
      `insert into conversation_history (id, conversation_id, user_id, parent_id, role, text, status, created_at)
       values (?, ?, ?, ?, ?, ?, 'completed', ?)`,
    );
    database.transaction(() => {
      addConversation.run(id, userId, messageIds.at(-1) ?? null, startedAt, Date.now());
      for (const [at, text] of texts.entries()) {
        const role = at % 2 === 0 ? 'user' : 'assistant';
        addMessage.run(messageIds[at], id, userId, messageIds[at - 1] ?? null, role, text, startedAt + at * 1_000);
      }
    })();
    return { id, messageIds };
  } finally {
    database.close();
  }
}
