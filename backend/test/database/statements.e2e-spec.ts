import { globSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect } from '../../src/database/connect.js';
import { migrate } from '../../src/database/migrate.js';
import { DirectSqliteConnection } from '../../src/database/sqlite-driver.js';
import { type Statement, statement } from '../../src/database/statement.js';
import { ENTITIES } from '../../src/schema.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SOURCES = new URL('../../src/', import.meta.url);
const FILES = globSync('**/*.statements.ts', { cwd: SOURCES.pathname }).sort();

const isStatement = (value: unknown): value is Statement =>
  typeof value === 'object' && value !== null && 'postgresql' in value && 'sqlite' in value;

/** `begin` and its kind name no table, and nothing can prepare them. */
const isControl = ({ postgresql }: Statement): boolean => /^(begin|commit|rollback)$/.test(postgresql);

describe('the prepared statements', () => {
  let database: TestDatabase;
  let orm: MikroORM;

  beforeAll(async () => {
    database = await createTestDatabase();
    const config = readConfig({ DATABASE_URL: database.url, DATA_DIR: database.dataDir });
    orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
    await migrate(orm, config);
    // The migrated schema is that of the entities: `migrations.e2e-spec.ts` holds one against the other.
  });

  afterAll(async () => {
    await orm.close();
    await database[Symbol.asyncDispose]();
  });

  it.each(FILES)('of %s fit the schema of the entities', async (file) => {
    const exported = Object.values((await import(new URL(file, SOURCES).href)) as Record<string, unknown>);
    const statements = exported.filter(isStatement).filter((one) => !isControl(one));
    const connection = (orm.em as SqlEntityManager).getConnection();
    for (const [index, { sqlite, postgresql }] of statements.entries()) {
      if (connection instanceof DirectSqliteConnection) {
        expect(() => connection.run(statement(`explain ${sqlite.replaceAll('?', 'null')}`), [])).not.toThrow();
      } else {
        await expect(connection.execute(`prepare fits_${index} as ${postgresql}`)).resolves.toBeDefined();
        await connection.execute(`deallocate fits_${index}`);
      }
    }
  });
});
