import type { SqlEntityManager } from '@mikro-orm/sql';
import type { DatabaseConfig } from '../../config/config.js';
import { connect, type Schema } from '../connect.js';
import { checkSchema } from '../migrating/migrate.js';
import { UNMAPPED_TABLES } from '../migrating/unmapped-tables.js';

/** The data about a PostgreSQL database that backup and restore need. */
export interface PostgresTables {
  /** The tables of Lockstep; the database may have others. */
  readonly tables: readonly string[];
  /** Whether Lockstep has never been started on the database. */
  readonly isEmpty: boolean;
}

/** Reads the data. @throws NewerSchema, since this version would not know all tables */
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
