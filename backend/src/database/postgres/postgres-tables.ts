import type { SqlEntityManager } from '@mikro-orm/sql';
import type { DatabaseConfig } from '../../config/config.js';
import { connect, type Schema } from '../connect.js';
import { checkSchema } from '../migrating/migrate.js';
import { UNMAPPED_TABLES } from '../migrating/unmapped-tables.js';

/** What a backup and a restore have to know of a PostgreSQL database. */
export interface PostgresTables {
  /** Lockstep's own; the database may hold others as well. */
  readonly tables: readonly string[];
  /** Lockstep has not been started on it yet. */
  readonly isEmpty: boolean;
}

/** @throws NewerSchema: this version does not know all the tables then */
export async function lookAtPostgres(config: DatabaseConfig, schema: Schema): Promise<PostgresTables> {
  const orm = await connect(config, schema);
  try {
    const em = orm.em.fork() as SqlEntityManager;
    const [found] = await em.execute<{ is_empty: boolean }[]>(`select to_regclass('migrations') is null as is_empty`);
    const isEmpty = found?.is_empty ?? true;
    if (!isEmpty) await checkSchema(orm);
    const tables = [...orm.getMetadata().getAll().values()].map(({ tableName }) => tableName);
    return { tables: [...tables, ...UNMAPPED_TABLES, 'migrations'], isEmpty };
  } finally {
    await orm.close();
  }
}
