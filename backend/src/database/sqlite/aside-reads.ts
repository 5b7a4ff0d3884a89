import { CompiledQuery, type ControlledTransaction, Kysely } from 'kysely';
import type { EntityManager } from '../database.js';
import { Slots } from '../../slots.js';
import { POSTGRES_READERS } from '../postgres/postgres-driver.js';
import { readersDialect, SqliteReaders } from './sqlite-readers.js';
import type { Connection } from '../sql/connection.js';
import { type SqlRow, sqliteValues } from '../sql/statement.js';
import { type Fork, type RunsStatements, type RunStatement, throughKysely } from '../transactions/transaction.js';
import { SqliteCheckpoints } from './sqlite-checkpoints.js';

/** A read transaction, with the ORM and prepared statements. */
export type AsideWork<T> = (em: EntityManager, statements: RunsStatements) => Promise<T>;

/** The number of reader threads of SQLite: during a long search the other one is free for lists. */
const SQLITE_READERS = 2;

/**
 * Runs slow read transactions without blocking others: on SQLite in threads with their own connections, on PostgreSQL
 * on a separate pool. Each sees everything that was committed before it started.
 */
export class AsideReads {
  private readonly slots: Slots;
  /** Limits long reads to a part of the slots, so that the others stay free for quick ones. */
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

  /** The same for reads that may take very long. */
  runLong<T>(work: AsideWork<T>): Promise<T> {
    return this.longSlots.run(() => this.run(work));
  }

  /** Starts to checkpoint SQLite's WAL in a thread, instead of within commits. */
  startCheckpoints(): void {
    this.checkpoints?.start();
  }

  /** The length of SQLite's WAL in bytes; `undefined` on PostgreSQL. */
  async logLength(): Promise<number | undefined> {
    return this.checkpoints?.length();
  }

  /** Waits for running reads, then ends the threads. */
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
