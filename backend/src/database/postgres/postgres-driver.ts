import type {
  AnyEntity,
  Configuration,
  ConnectionConfig,
  EntityData,
  LoggingOptions,
  QueryResult,
} from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { type Dialect, PostgresDialect } from 'kysely';
import type { Pool, PoolConfig } from 'pg';
import { StatementNames } from './named-statements.js';
import { PostgresChannel, type ChannelOptions } from './postgres-channel.js';
import { type PostgresLimits, READING_ASIDE, SERVING } from './postgres-limits.js';
import {
  bindQuery,
  type OrmParams,
  type OrmQuery,
  type QueryTarget,
  readQuery,
  withValues,
} from '../sql/bound-query.js';
import { limitedPool, openPool } from './postgres-pool.js';
import { releasingDialect } from '../sql/releasing-driver.js';
import { Silence } from './silence.js';
import type { SqlRow, SqlValue, Statement } from '../sql/statement.js';

type PoolOptions = Parameters<PostgreSqlConnection['createKyselyDialect']>[0];

/**
 * The highest numbers of connections of a process, besides the one for the bus. Single statements have their own pool,
 * because tokens and permission checks need them: they must not wait for transactions with locks or for slow reads.
 */
const TRANSACTIONS = 5;
const SINGLE_STATEMENTS = 4;
/** The connections for `AsideReads`. */
export const POSTGRES_READERS = 3;

/** The connection pools of PostgreSQL. One of them runs single statements without the query builder. */
export class DirectPostgresConnection extends PostgreSqlConnection {
  readonly kind = 'postgresql';
  private singles: Pool | undefined;
  private limits = SERVING;
  private readonly names = new StatementNames();
  private readonly silence = new Silence();

  override createKyselyDialect(overrides: PoolOptions): ReturnType<PostgreSqlConnection['createKyselyDialect']> {
    const own = limitedPool(TRANSACTIONS, this.limits, this.silence);
    const onPoolCreated = (pool: Pool): void => this.nameStatements(pool);
    const dialect = super.createKyselyDialect({ ...overrides, ...own, onPoolCreated } as PoolOptions);
    this.singles = this.openPool(limitedPool(SINGLE_STATEMENTS, this.limits, this.silence));
    releasingDialect(dialect satisfies Dialect);
    return dialect;
  }

  /** A separate pool for slow reads. */
  asideDialect(): Dialect {
    return releasingDialect(new PostgresDialect({ pool: this.openPool(limitedPool(POSTGRES_READERS, READING_ASIDE)) }));
  }

  /** How long the oldest pending statement has been waiting for its answer, in milliseconds; without slow reads. */
  get silentForMs(): number {
    return this.silence.ms;
  }

  /** Closes all connections and connects again with other limits. */
  async limitBy(limits: PostgresLimits): Promise<void> {
    await this.close(true);
    this.limits = limits;
    await this.connect();
  }

  override async close(force?: boolean): Promise<void> {
    const { singles } = this;
    this.singles = undefined;
    await Promise.all([super.close(force), singles?.end()]);
  }

  /** Like the ORM's own method, which ignores the parameters of the URL, such as `sslmode` and `sslrootcert`. */
  override getConnectionOptions(): ConnectionConfig {
    return { ...super.getConnectionOptions(), connectionString: this.config.get('clientUrl') } as ConnectionConfig;
  }

  /** Runs a statement as a transaction of its own, on any free connection. */
  async run({ postgresql }: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    if (!this.singles) throw new Error('The pool is not open');
    const client = await this.singles.connect();
    try {
      return (await client.query<SqlRow>(postgresql, [...values])).rows;
    } finally {
      // The pool itself removes a broken connection.
      client.release();
    }
  }

  /** A channel with its own connection, which is not part of the pool; see `Database.channel`. */
  channel(options: ChannelOptions): PostgresChannel {
    const { url } = options;
    return new PostgresChannel(url === undefined ? this.getConnectionOptions() : { connectionString: url }, options);
  }

  private openPool(own: PoolConfig): Pool {
    const pool = openPool(this.mapOptions(own));
    this.nameStatements(pool);
    return pool;
  }

  private nameStatements(pool: Pool): void {
    pool.on('connect', (client) => this.names.nameStatementsOf(client));
  }

  /** Like the ORM's own method, but with bound values. */
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

/** The driver of PostgreSQL, with pools that survive connections which break during a transaction. */
export class DirectPostgresDriver extends PostgreSqlDriver {
  protected override readonly connection: DirectPostgresConnection;

  constructor(config: Configuration) {
    super(config);
    this.connection = new DirectPostgresConnection(config);
  }
}
