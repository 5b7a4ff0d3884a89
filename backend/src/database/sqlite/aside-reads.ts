import { CompiledQuery, type ControlledTransaction, Kysely } from 'kysely';
import type { EntityManager } from '../database.js';
import { Slots } from '../../slots.js';
import { POSTGRES_READERS } from '../postgres/postgres-driver.js';
import { readersDialect, SqliteReaders } from './sqlite-readers.js';
import type { Connection } from '../sql/connection.js';
import { type SqlRow, sqliteValues } from '../sql/statement.js';
import { type Fork, type RunsStatements, type RunStatement, throughKysely } from '../transactions/transaction.js';
import { SqliteCheckpoints } from './sqlite-checkpoints.js';

/** Reads through the ORM, and by prepared statements, in one transaction. */
export type AsideWork<T> = (em: EntityManager, statements: RunsStatements) => Promise<T>;

/** Threads of SQLite's: while one searches for long, the other one lists. */
const SQLITE_READERS = 2;

/**
 * Transactions that only read and may take long, beside everything else: on SQLite in threads with connections of their
 * own, on PostgreSQL on a few connections of their own. Each sees what was committed before it began.
 */
export class AsideReads {
  private readonly slots: Slots;
  /** Of those slots; the others are left to what is quick. */
  private readonly longSlots: Slots;
  private readonly kysely: Kysely<unknown>;
  private readonly checkpoints: SqliteCheckpoints | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly fork: Fork,
  ) {
    const readers = connection.kind === 'sqlite' ? SQLITE_READERS : POSTGRES_READERS;
    this.slots = new Slots(readers);
    this.longSlots = new Slots(Math.ceil(readers / 2));
    if (connection.kind === 'sqlite') {
      this.kysely = new Kysely({ dialect: readersDialect(new SqliteReaders(connection.file)) });
      this.checkpoints = new SqliteCheckpoints(connection, this.slots, this.kysely);
    } else {
      this.kysely = new Kysely({ dialect: connection.asideDialect() });
    }
  }

  /** Runs `work` in one read transaction. */
  run<T>(work: AsideWork<T>): Promise<T> {
    return this.slots.run(() => this.read(work));
  }

  /** The same for what may take long. */
  runLong<T>(work: AsideWork<T>): Promise<T> {
    return this.longSlots.run(() => this.run(work));
  }

  /** From here on SQLite's log is brought into the file aside, rather than by the commit that makes it long. */
  startCheckpoints(): void {
    this.checkpoints?.start();
  }

  /** How long SQLite's log is, in bytes; `undefined` on PostgreSQL. */
  async logLength(): Promise<number | undefined> {
    return this.checkpoints?.length();
  }

  /** Ends the threads; what is under way comes to its end. */
  async close(): Promise<void> {
    this.checkpoints?.stop();
    await this.slots.runAlone(() => this.kysely.destroy());
  }

  private statementsOn(trx: ControlledTransaction<unknown>): RunStatement {
    if (this.connection.kind === 'postgresql') return throughKysely(trx);
    return async (statement, values) =>
      (await trx.executeQuery<SqlRow>(CompiledQuery.raw(statement.sqlite, sqliteValues(statement, values)))).rows;
  }

  private async read<T>(work: AsideWork<T>): Promise<T> {
    let builder = this.kysely.startTransaction().setAccessMode('read only');
    if (this.connection.kind === 'postgresql') builder = builder.setIsolationLevel('repeatable read');
    const trx = await builder.execute();
    try {
      const result = await work(this.fork(trx), { all: this.statementsOn(trx) });
      await trx.commit().execute();
      return result;
    } catch (error) {
      await trx.rollback().execute();
      throw error;
    }
  }
}
