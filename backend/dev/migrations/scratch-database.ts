import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationObject } from '@mikro-orm/core';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect, sqliteOptions } from '../../src/database/connect.js';
import { migrate } from '../../src/database/migrating/migrate.js';
import { ENTITIES } from '../../src/schema.js';
import { PortableMigrationGenerator } from './portable-migration-generator.js';

/**
 * The database of MikroORM's command line: a temporary SQLite file with all migrations applied. So entities and
 * migrations can be compared without a server, and no command can reach real data.
 */
export async function scratchDatabase(migrations: MigrationObject[] = MIGRATIONS): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-scratch-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { database, dataDir } = readConfig({ DATA_DIR: folder });
  if (database.kind !== 'sqlite') throw new Error('The scratch database is a SQLite file');
  const schema = { entities: ENTITIES, migrations };
  const orm = await connect(database, schema);
  await migrate(orm, { database, dataDir });
  await orm.close();
  const options = sqliteOptions(database, schema);
  return {
    ...options,
    migrations: {
      ...options.migrations,
      path: 'backend/migrations',
      emit: 'ts',
      generator: PortableMigrationGenerator,
    },
  };
}
