import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type EntityClass, type MigrationObject, MikroORM } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import type { DatabaseConfig } from '../config/config.js';
import { refusing } from './open-failure.js';
import { askPostgres } from './postgres/postgres-failure.js';
import { DirectPostgresDriver } from './postgres/postgres-driver.js';
import { DirectSqliteDriver, type SqliteOptions } from './sqlite/sqlite-driver.js';
import { UNMAPPED_PATTERNS } from './migrating/unmapped-tables.js';

type SqliteConfig = Extract<DatabaseConfig, { kind: 'sqlite' }>;

/**
 * The entities and migrations; passed in by the entry points, because this folder must not import the other modules.
 */
export interface Schema {
  readonly entities: EntityClass<object>[];
  readonly migrations: MigrationObject[];
}

/**
 * Opens the database without changing it, except for creating an empty SQLite file.
 * @throws DatabaseRefused when it cannot be opened
 */
export const connect = (config: DatabaseConfig, schema: Schema): Promise<MikroORM> =>
  refusing(config, () => open(config, schema));

const sharedOptions = ({ entities, migrations }: Schema) => ({
  entities,
  extensions: [Migrator],
  schemaGenerator: { skipTables: UNMAPPED_PATTERNS },
  migrations: { migrationsList: migrations, snapshot: false, tableName: 'migrations', silent: true },
});

/** How the ORM opens a SQLite file; also for its own command line. */
export const sqliteOptions = ({ path, synchronous }: SqliteConfig, schema: Schema) => ({
  ...sharedOptions(schema),
  driver: DirectSqliteDriver,
  dbName: path,
  driverOptions: { path, synchronous } satisfies SqliteOptions,
});

async function open(config: DatabaseConfig, schema: Schema): Promise<MikroORM> {
  if (config.kind === 'postgresql') {
    await askPostgres(config.url);
    return MikroORM.init({
      ...sharedOptions(schema),
      driver: DirectPostgresDriver,
      clientUrl: config.url,
    });
  }
  mkdirSync(dirname(config.path), { recursive: true, mode: 0o700 });
  return MikroORM.init(sqliteOptions(config, schema));
}
