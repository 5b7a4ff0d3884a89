import type { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { kindOf } from '../../src/database/sql/connection.js';
import { describePostgres } from './postgres-schema.js';
import type { Ask, SchemaDescription } from './schema-catalogue.js';
import { describeSqlite } from './sqlite-schema.js';

/** Describes the schema of a real database. */
export function describeSchema(orm: MikroORM): Promise<SchemaDescription> {
  const em = orm.em.fork() as SqlEntityManager;
  const ask: Ask = (statement) => em.execute(statement);
  return kindOf(em) === 'postgresql' ? describePostgres(ask) : describeSqlite(ask);
}
