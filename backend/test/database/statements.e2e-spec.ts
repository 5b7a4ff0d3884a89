import { globSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect } from '../../src/database/connect.js';
import { migrate } from '../../src/database/migrating/migrate.js';
import { connectionOf } from '../../src/database/sql/connection.js';
import { type Statement, statement } from '../../src/database/sql/statement.js';
import { ENTITIES } from '../../src/schema.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SOURCES = new URL('../../src/', import.meta.url);
const FILES = globSync('**/*.statements.ts', { cwd: SOURCES.pathname }).sort();

const statementsOf = async (file: string): Promise<[string, Statement][]> => {
  const exported = Object.entries((await import(new URL(file, SOURCES).href)) as Record<string, unknown>);
  return exported.filter((entry): entry is [string, Statement] => isStatement(entry[1]) && !isControl(entry[1]));
};

const isStatement = (value: unknown): value is Statement =>
  typeof value === 'object' && value !== null && 'postgresql' in value && 'sqlite' in value;

/** `begin`, `commit` and `rollback` use no table and cannot be prepared. */
const isControl = ({ postgresql }: Statement): boolean => /^(begin|commit|rollback)$/.test(postgresql);

describe('the prepared statements', () => {
  let database: TestDatabase;
  let orm: MikroORM;

  beforeAll(async () => {
    database = await createTestDatabase();
    const config = readConfig({ DATABASE_URL: database.url, DATA_DIR: database.dataDir });
    orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
    await migrate(orm, config);
    // The migrated schema equals that of the entities: `migrations.e2e-spec.ts` compares them.
  });

  afterAll(async () => {
    await orm.close();
    await database[Symbol.asyncDispose]();
  });

  it.each(FILES)('of %s fit the schema of the entities', async (file) => {
    const connection = connectionOf(orm.em as SqlEntityManager);
    for (const [index, [, { sqlite, postgresql }]] of (await statementsOf(file)).entries()) {
      if (connection.kind === 'sqlite') {
        expect(() => connection.run(statement(`explain ${sqlite.replaceAll('?', 'null')}`), [])).not.toThrow();
      } else {
        await expect(connection.execute(`prepare fits_${index} as ${postgresql}`)).resolves.toBeDefined();
        await connection.execute(`deallocate fits_${index}`);
      }
    }
  });

  // SQLite guesses the length of a list, and parses it again for each row of an outer loop over a table.
  it.each(FILES)(
    'of %s never loop over a bound list, or over the list in a row, for each row of a table',
    async (file) => {
      const connection = connectionOf(orm.em as SqlEntityManager);
      // PostgreSQL has statistics about the size of tables.
      if (connection.kind === 'postgresql') return;
      for (const [name, { sqlite }] of await statementsOf(file)) {
        const plan = connection.run(statement(`explain query plan ${sqlite.replaceAll('?', 'null')}`), []);
        const bound = new Set(
          [...sqlite.matchAll(/json_each\(\?\)(?: as (\w+))?/g)].map(([, alias]) => alias ?? 'json_each'),
        );
        const ofRow = new Set([...sqlite.matchAll(/json_each\(\w+\.\w+\) as (\w+)/g)].map(([, alias]) => alias));
        for (const loops of Map.groupBy(plan, ({ parent }) => parent).values()) {
          const lists = loops.map(({ detail }) => /^SCAN (\w+) VIRTUAL TABLE/.exec(String(detail))?.[1] ?? '');
          const tables = loops.map(({ detail }) => /^(?:SCAN|SEARCH) (\w+) /.exec(String(detail))?.[1] ?? '');
          expect({ name, late: lists.slice(1).filter((alias) => bound.has(alias)) }).toEqual({ name, late: [] });
          // No other table may be between the row and its list.
          for (const [index, alias] of lists.entries()) {
            const source = new RegExp(`json_each\\((\\w+)\\.\\w+\\) as ${alias}`).exec(sqlite)?.[1];
            if (ofRow.has(alias)) expect({ name, after: tables[index - 1] }).toEqual({ name, after: source });
          }
        }
      }
    },
  );
});
