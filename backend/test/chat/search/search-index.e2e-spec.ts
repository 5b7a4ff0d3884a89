import { describe, expect, it } from '@jest/globals';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { MIGRATIONS } from '../../../migrations/index.js';
import { findConversations } from '../../../src/chat/search/conversation-search.js';
import { readConfig } from '../../../src/config/read-config.js';
import { connect } from '../../../src/database/connect.js';
import { Database } from '../../../src/database/database.js';
import { migrate } from '../../../src/database/migrating/migrate.js';
import type { FoundConversation } from '../../../src/protocol/index.js';
import { ENTITIES } from '../../../src/schema.js';
import { createTestDatabase } from '../../support/test-database.js';

interface OldMessage {
  readonly id: string;
  readonly text: string;
}

/** Writes a conversation into the tables of the previous version. */
async function write(em: SqlEntityManager, userId: string, title: string, messages: readonly OldMessage[]) {
  const db = em.getKysely();
  const conversationId = uuidv7();
  await sql`insert into users (id, email, name, has_own_name, search_text, role, disabled, preferences, created_at)
    values (${userId}, 'a@example.com', 'A', false, '', 'user', false, '{}', 1)`.execute(db);
  await sql`insert into conversations (id, user_id, title, title_source, pinned, archived, created_at, updated_at)
    values (${conversationId}, ${userId}, ${title}, 'owner', false, false, 1, 1)`.execute(db);
  for (const [index, { id, text }] of messages.entries()) {
    await sql`insert into conversation_history (id, conversation_id, user_id, role, text, status, created_at)
      values (${id}, ${conversationId}, ${userId}, 'user', ${text}, 'completed', ${index})`.execute(db);
  }
}

type Find = (q: string) => Promise<readonly FoundConversation[]>;

/** Fills a database of the version before a migration, and searches it after all migrations. */
async function searchAfter(
  migration: string,
  { title, messages }: { readonly title: string; readonly messages: readonly OldMessage[] },
  look: (find: Find) => Promise<void>,
): Promise<void> {
  await using test = await createTestDatabase();
  const config = readConfig({ DATABASE_URL: test.url, DATA_DIR: test.dataDir });
  const userId = uuidv7();
  const at = MIGRATIONS.findIndex(({ name }) => name === migration);
  const old = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS.slice(0, at) });
  try {
    await migrate(old, config);
    await new Database(old).write((em) => write(em, userId, title, messages));
  } finally {
    await old.close();
  }
  const orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
  try {
    await migrate(orm, config);
    expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
    const database = new Database(orm);
    await look(async (q) => {
      const { items } = await findConversations((work) => database.read(work), userId, { q, limit: 10 });
      return items;
    });
  } finally {
    await orm.close();
  }
}

describe('the search index', () => {
  it('contains conversations from before it existed', async () => {
    const messages = Array.from({ length: 1_201 }, (_, index) => ({
      id: uuidv7(),
      text: index % 2 === 0 ? `Größe number${index}` : '',
    }));
    await searchAfter('20261124-search', { title: 'Old Straße', messages }, async (find) => {
      expect(await find('old straße')).toHaveLength(1);
      for (const index of [0, 600, 1_200]) {
        expect((await find(`große number${index}`))[0]?.hit?.messageId).toBe(messages[index]?.id);
      }
      expect(await find('number601')).toEqual([]);
    });
  });

  it('contains parts of katakana words, also of texts from before it existed', async () => {
    const messages = [{ id: uuidv7(), text: 'カスタマーサポート' }];
    await searchAfter('20261126-katakana', { title: 'データベース', messages }, async (find) => {
      expect(await find('ベース')).toHaveLength(1);
      expect((await find('サポート'))[0]?.hit?.messageId).toBe(messages[0]?.id);
    });
  });
});
