import { describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect } from '../../src/database/connect.js';
import { Meta } from '../../src/database/meta.entity.js';
import { migrate } from '../../src/database/migrating/migrate.js';
import { ENTITIES } from '../../src/schema.js';
import { createTestDatabase } from '../support/test-database.js';

describe('the migrations', () => {
  it('produce the schema of the entities, once, and can be reverted', async () => {
    await using database = await createTestDatabase();
    const config = readConfig({ DATABASE_URL: database.url, DATA_DIR: database.dataDir });
    const orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
    try {
      expect(await migrate(orm, config)).toEqual(MIGRATIONS.map(({ name }) => name));
      expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
      const { value: epoch } = await orm.em.fork().findOneOrFail(Meta, { key: 'epoch' });
      expect(await migrate(orm, config)).toEqual([]);
      expect(await orm.em.fork().findOneOrFail(Meta, { key: 'epoch' })).toMatchObject({ value: epoch });
      await orm.migrator.down({ to: 0 });
      expect(await orm.migrator.getExecuted()).toEqual([]);
    } finally {
      await orm.close();
    }
  });

  it('run once when two processes start together', async () => {
    await using database = await createTestDatabase();
    const config = readConfig({ DATABASE_URL: database.url, DATA_DIR: database.dataDir });
    const schema = { entities: ENTITIES, migrations: MIGRATIONS };
    const both = await Promise.all([connect(config.database, schema), connect(config.database, schema)]);
    try {
      const done = await Promise.all(both.map((orm) => migrate(orm, config)));
      expect(done.flat()).toEqual(MIGRATIONS.map(({ name }) => name));
    } finally {
      for (const orm of both) await orm.close();
    }
  });
});
