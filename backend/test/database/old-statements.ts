import type { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CompiledQuery, type Kysely } from 'kysely';
import { kindOf } from '../../src/database/sql/connection.js';

type Row = Record<string, unknown>;

/** The id of every row, so that all rows refer to each other. */
export const ID = '01a2138e-ff46-76ec-a8a0-3a40258a0efc';

interface Statements {
  readonly table: string;
  readonly all: readonly string[];
}

/**
 * Rows and statements of a schema, made from its catalogue: each statement names the columns that there were, as those of a
 * version do that was written for them.
 */
export class OldStatements {
  private statements: readonly Statements[] = [];
  private readonly db: Kysely<unknown>;
  private readonly isPostgres: boolean;

  constructor(orm: MikroORM) {
    const em = orm.em as SqlEntityManager;
    this.db = em.getConnection().getClient() as Kysely<unknown>;
    this.isPostgres = kindOf(em) === 'postgresql';
  }

  /** The statements for the schema that a database has now. */
  static async of(orm: MikroORM): Promise<OldStatements> {
    const statements = new OldStatements(orm);
    await statements.learn();
    return statements;
  }

  async query(text: string): Promise<Row[]> {
    return (await this.db.executeQuery(CompiledQuery.raw(text))).rows as Row[];
  }

  /** The tables to fill, without those of the migrator and the virtual tables. */
  async tables(): Promise<string[]> {
    const found = await this.query(
      this.isPostgres
        ? `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`
        : `select name from sqlite_schema where type = 'table' order by 1`,
    );
    return found.map(({ name }) => String(name)).filter((name) => !/^(migrations|sqlite_|search_words_)/.test(name));
  }

  /** Inserts one row into every table. */
  async fill(): Promise<void> {
    for (const { table, columns } of await this.inOrder()) await this.query(insertion(table, columns));
  }

  /** Takes the schema of now as the one that the statements are for. */
  async learn(): Promise<void> {
    this.statements = (await this.inOrder()).map(({ table, columns }) => {
      const names = columns.map(({ name }) => `"${String(name)}"`);
      const changes = names.map((name) => `${name} = ${name}`).join(', ');
      return {
        table,
        all: [
          insertion(table, columns),
          `update "${table}" set ${changes}`,
          `select ${names.join(', ')} from "${table}"`,
        ],
      };
    });
  }

  /**
   * Runs all statements, and takes their effects back.
   * @param apart tables about which more is known already
   * @returns what fails, one sentence for each table
   */
  async failures(apart: ReadonlySet<string>): Promise<string[]> {
    const failed = new Map<string, string>();
    const attempt = async (table: string, statements: readonly string[], what: string): Promise<void> => {
      const reason = await this.firstFailure(statements);
      if (reason !== undefined && !failed.has(table)) failed.set(table, `the version before cannot ${what}: ${reason}`);
    };
    for (const { table, all } of this.statements) await attempt(table, all, `use ${table}`);
    for (const { table } of this.statements.toReversed()) {
      await attempt(table, [`delete from "${table}"`], `delete from ${table}`);
    }
    return [...failed].flatMap(([table, sentence]) => (apart.has(table) ? [] : sentence));
  }

  private async firstFailure(statements: readonly string[]): Promise<string | undefined> {
    for (const statement of statements) {
      try {
        await this.query(statement);
      } catch (error) {
        return (error as Error).message;
      }
    }
    return undefined;
  }

  private async inOrder(): Promise<{ table: string; columns: Row[] }[]> {
    const tables = await this.tables();
    // The other rows refer to these.
    const first = ['users', 'conversations', 'webhooks'].filter((name) => tables.includes(name));
    const others = tables.filter((name) => !first.includes(name));
    const found: { table: string; columns: Row[] }[] = [];
    for (const table of [...first, ...others]) found.push({ table, columns: await this.columns(table) });
    return found;
  }

  private columns(table: string): Promise<Row[]> {
    return this.query(
      this.isPostgres
        ? `select column_name as name, data_type as type, character_maximum_length as length
           from information_schema.columns where table_schema = 'public' and table_name = '${table}'`
        : `select name, type, null as length from pragma_table_info('${table}')`,
    );
  }
}

function insertion(table: string, columns: readonly Row[]): string {
  const names = columns.map(({ name }) => `"${String(name)}"`).join(', ');
  return `insert into "${table}" (${names}) values (${columns.map(valueOf).join(', ')})`;
}

function valueOf({ name, type, length }: Row): string {
  if (name === 'data') return `'[]'`;
  if (/json/.test(String(type))) return `'{}'`;
  if (/bool/.test(String(type))) return 'false';
  if (/int/i.test(String(type))) return '1';
  if (/tsvector/.test(String(type))) return `'word'`;
  return `'${ID.slice(0, typeof length === 'number' ? length : undefined)}'`;
}
