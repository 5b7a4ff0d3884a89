import { Migration } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';

interface ColumnTypes {
  readonly uuid: string;
  readonly json: string;
  readonly boolean: string;
  readonly integer: string;
  readonly bigint: string;
  readonly text: string;
  readonly bytes: string;
  /** The maximum number of characters, in databases that enforce one. */
  readonly string: (length: number) => string;
}

const sqlite: ColumnTypes = {
  uuid: 'text',
  json: 'json',
  boolean: 'integer',
  integer: 'integer',
  bigint: 'bigint',
  text: 'text',
  bytes: 'blob',
  string: () => 'text',
};

const postgresql: ColumnTypes = {
  uuid: 'uuid',
  json: 'jsonb',
  boolean: 'boolean',
  integer: 'int',
  bigint: 'bigint',
  text: 'text',
  bytes: 'bytea',
  string: (length) => `varchar(${length})`,
};

/** What a migration takes away, after a release that does not need it any more. */
export interface Contract {
  /** The version in which the expansion was released: from then on, the program does not use what is taken away. */
  readonly expandedIn: string;
  /** Exactly what is taken away, in the words of the test that refuses it. */
  readonly takes: readonly string[];
}

/** A migration for both databases. */
export abstract class PortableMigration extends Migration {
  /** Without it, the version before must be able to work on the migrated database (`expand-contract.e2e-spec.ts`). */
  static readonly contract?: Contract;

  protected get types(): ColumnTypes {
    return this.isPostgresql ? postgresql : sqlite;
  }

  protected get isPostgresql(): boolean {
    return this.driver instanceof PostgreSqlDriver;
  }

  /** Columns as `name type ...`, then table constraints. */
  protected createTable(name: string, lines: readonly string[]): void {
    this.addSql(`create table "${name}" (${lines.join(', ')})`);
  }

  /** Columns as `name type ...`; SQLite allows only one per statement. */
  protected addColumns(table: string, columns: readonly string[]): void {
    for (const column of columns) this.addSql(`alter table "${table}" add column ${column}`);
  }

  protected dropColumns(table: string, columns: readonly string[]): void {
    for (const column of columns) this.addSql(`alter table "${table}" drop column "${column}"`);
  }

  protected createIndex(table: string, columns: readonly string[]): void {
    this.addSql(`create index "${table}_${columns.join('_')}_index" on "${table}" (${quoted(columns)})`);
  }

  protected dropIndex(table: string, columns: readonly string[]): void {
    this.addSql(`drop index "${table}_${columns.join('_')}_index"`);
  }

  /** SQLite has only unique indexes here; PostgreSQL's schema comparison needs a named constraint. */
  protected createUnique(table: string, columns: readonly string[]): void {
    const name = `${table}_${columns.join('_')}_unique`;
    this.addSql(
      this.isPostgresql
        ? `alter table "${table}" add constraint "${name}" unique (${quoted(columns)})`
        : `create unique index "${name}" on "${table}" (${quoted(columns)})`,
    );
  }

  protected dropUnique(table: string, columns: readonly string[]): void {
    const name = `${table}_${columns.join('_')}_unique`;
    this.addSql(this.isPostgresql ? `alter table "${table}" drop constraint "${name}"` : `drop index "${name}"`);
  }

  /** A constraint for `createTable`: the row is deleted together with the row that it belongs to. */
  protected belongsTo(table: string, column: string, owner: string): string {
    const name = `${table}_${column}_foreign`;
    return `constraint "${name}" foreign key ("${column}") references "${owner}" ("id") on delete cascade`;
  }
}

const quoted = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ');
