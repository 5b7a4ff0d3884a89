import type { AnyEntity, Configuration, EntityData, LoggingOptions, QueryResult } from '@mikro-orm/core';
import { SqliteConnection, SqliteDriver } from '@mikro-orm/sqlite';
import type BetterSqlite from 'better-sqlite3';
import {
  bindQuery,
  type OrmParams,
  type OrmQuery,
  type QueryTarget,
  readQuery,
  withValues,
} from '../sql/bound-query.js';
import { openSqlite, sqliteDialect } from './sqlite-dialect.js';
import { type SqlRow, type SqlValue, sqliteValues, type Statement } from '../sql/statement.js';

/** The `driverOptions` of the ORM. */
export interface SqliteOptions {
  readonly path: string;
  readonly synchronous: 'normal' | 'full';
}

/** The only connection of SQLite, which also runs prepared statements synchronously. */
export class DirectSqliteConnection extends SqliteConnection {
  readonly kind = 'sqlite';
  private native: BetterSqlite.Database | undefined;
  private readonly prepared = new Map<Statement, BetterSqlite.Statement<unknown[], SqlRow>>();

  /** The path of the file and its mode of synchronisation. */
  get file(): SqliteOptions {
    return this.config.get('driverOptions') as SqliteOptions;
  }

  override createKyselyDialect(): ReturnType<SqliteConnection['createKyselyDialect']> {
    const { path, synchronous } = this.file;
    const native = openSqlite(path, synchronous);
    this.native = native;
    return sqliteDialect(native);
  }

  /** Like the ORM's own method, but with bound values. */
  override execute<T extends QueryResult | EntityData<AnyEntity> | EntityData<AnyEntity>[] = EntityData<AnyEntity>[]>(
    query: OrmQuery,
    params: OrmParams = [],
    method: 'all' | 'get' | 'run' = 'all',
    transaction?: QueryTarget,
    context?: LoggingOptions,
  ): Promise<T> {
    const bound = bindQuery(this.platform, () => '?', readQuery(query, params));
    return super.execute(
      bound.sql,
      [],
      method,
      withValues(bound, () => transaction ?? this.getClient()),
      context,
    );
  }

  override async executeDump(dump: string): Promise<void> {
    await this.ensureConnection();
    this.native?.exec(dump);
  }

  /** Runs a statement directly on the connection: within the open transaction, or as one of its own. */
  run(statement: Statement, values: readonly SqlValue[]): readonly SqlRow[] {
    const prepared = this.prepare(statement);
    const bound = sqliteValues(statement, values);
    if (prepared.reader) return prepared.all(...bound);
    prepared.run(...bound);
    return [];
  }

  /** Runs statements without results, such as pragmas. */
  exec(statements: string): void {
    this.native?.exec(statements);
  }

  /** Whether a transaction is open. */
  get inTransaction(): boolean {
    return this.native?.inTransaction ?? false;
  }

  private prepare(statement: Statement): BetterSqlite.Statement<unknown[], SqlRow> {
    const known = this.prepared.get(statement);
    if (known) return known;
    if (!this.native) throw new Error('The SQLite file is not open');
    const prepared = this.native.prepare<unknown[], SqlRow>(statement.sqlite);
    this.prepared.set(statement, prepared);
    return prepared;
  }
}

/** The driver of SQLite, whose connection is shared by the ORM and prepared statements. */
export class DirectSqliteDriver extends SqliteDriver {
  protected override readonly connection: DirectSqliteConnection;

  constructor(config: Configuration) {
    super(config);
    this.connection = new DirectSqliteConnection(config);
  }
}
