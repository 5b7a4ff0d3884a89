import type {
  AnyEntity,
  Configuration,
  ConnectionConfig,
  EntityData,
  LoggingOptions,
  QueryResult,
} from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { Dialect } from 'kysely';
import type { Pool } from 'pg';
import { StatementNames } from './named-statements.js';
import { type Listening, PostgresListener } from './postgres-listener.js';
import { bindQuery, type OrmParams, type OrmQuery, type QueryTarget, readQuery, withValues } from './bound-query.js';
import { releasingDialect } from './releasing-driver.js';
import type { SqlRow, SqlValue, Statement } from './statement.js';

type PoolOptions = Parameters<PostgreSqlConnection['createKyselyDialect']>[0];

/** PostgreSQL's pool, which also runs single statements without a detour through the query builder. */
export class DirectPostgresConnection extends PostgreSqlConnection {
  private pool: Pool | undefined;

  override createKyselyDialect(overrides: PoolOptions): ReturnType<PostgreSqlConnection['createKyselyDialect']> {
    const names = new StatementNames();
    const onPoolCreated = (pool: Pool): void => {
      this.pool = pool;
      pool.on('connect', (client) => names.nameStatementsOf(client));
    };
    const dialect = super.createKyselyDialect({ ...overrides, onPoolCreated } as PoolOptions);
    releasingDialect(dialect satisfies Dialect);
    return dialect;
  }

  /** As the ORM's own, which forgets what follows `?` in the address: whether to encrypt, and whom to trust. */
  override getConnectionOptions(): ConnectionConfig {
    return { ...super.getConnectionOptions(), connectionString: this.config.get('clientUrl') } as ConnectionConfig;
  }

  /** Runs a statement that is a transaction by itself, on whichever connection is free. */
  async run({ postgresql }: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    if (!this.pool) throw new Error('The pool is not open');
    return (await this.pool.query<SqlRow>(postgresql, [...values])).rows;
  }

  /** Listens on a connection of its own, which takes no place in the pool. */
  listen(listening: Listening): PostgresListener {
    return new PostgresListener(this.getConnectionOptions(), listening);
  }

  /** As the ORM's own, with values that are bound. */
  override execute<T extends QueryResult | EntityData<AnyEntity> | EntityData<AnyEntity>[] = EntityData<AnyEntity>[]>(
    query: OrmQuery,
    params: OrmParams = [],
    method: 'all' | 'get' | 'run' = 'all',
    transaction?: QueryTarget,
    context?: LoggingOptions,
  ): Promise<T> {
    const bound = bindQuery(this.platform, (n) => `$${n}`, readQuery(query, params));
    return super.execute(
      bound.sql,
      [],
      method,
      withValues(bound, () => transaction ?? this.getClient()),
      context,
    );
  }
}

/** PostgreSQL whose pool survives connections that die in the middle of a transaction. */
export class DirectPostgresDriver extends PostgreSqlDriver {
  protected override readonly connection: DirectPostgresConnection;

  constructor(config: Configuration) {
    super(config);
    this.connection = new DirectPostgresConnection(config);
  }
}
