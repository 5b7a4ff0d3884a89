import type { Configuration } from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { Dialect } from 'kysely';
import { releasingDialect } from './releasing-driver.js';

type PoolOptions = Parameters<PostgreSqlConnection['createKyselyDialect']>[0];

class ReleasingConnection extends PostgreSqlConnection {
  override createKyselyDialect(overrides: PoolOptions): ReturnType<PostgreSqlConnection['createKyselyDialect']> {
    const dialect = super.createKyselyDialect(overrides);
    releasingDialect(dialect satisfies Dialect);
    return dialect;
  }
}

/** PostgreSQL whose pool survives connections that die in the middle of a transaction. */
export class ReleasingPostgresDriver extends PostgreSqlDriver {
  protected override readonly connection: PostgreSqlConnection;

  constructor(config: Configuration) {
    super(config);
    this.connection = new ReleasingConnection(config);
  }
}
