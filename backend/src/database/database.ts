import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/core';
import type { AbstractSqlConnection, SqlEntityManager } from '@mikro-orm/sql';
import type { ControlledTransaction, Kysely, Transaction as KyselyTransaction } from 'kysely';
import { ChatError, type WriteRefusal } from '../protocol/index.js';
import { AsideReads } from './sqlite/aside-reads.js';
import { CommitFailed, CommitOutcomes, CommitUndone } from './transactions/commit-outcome.js';
import { Clock } from './clock.js';
import { DATABASE_TIME } from './clock.statements.js';
import { classifyDatabaseError } from './database-error.js';
import { DirectPostgresConnection } from './postgres/postgres-driver.js';
import type { ChannelOptions, PostgresChannel } from './postgres/postgres-channel.js';
import { PostgresProbe } from './postgres/postgres-probe.js';
import { DirectSqliteConnection } from './sqlite/sqlite-driver.js';
import type { SqlRow, SqlValue, Statement, Steps } from './sql/statement.js';
import { type RunsStatements, type RunStatement, throughKysely, Transaction } from './transactions/transaction.js';
import { BEGIN, BEGIN_READING, COMMIT, ROLLBACK } from './transactions/transaction.statements.js';
import { type Priority, TransactionQueue } from './sqlite/transaction-queue.js';
import { WriteProbe } from './sqlite/write-probe.js';
import { WRITE_PROBE } from './sqlite/write-probe.statements.js';

export type EntityManager = SqlEntityManager;

/** For the few statements that the two databases do not share. */
export const isPostgres = (em: EntityManager): boolean => em.getConnection() instanceof DirectPostgresConnection;

/** How long a transaction that meets a lock is tried again before the caller is told. */
const PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

interface TransactionOptions {
  readonly readOnly?: boolean;
  readonly kind: Priority;
}

/**
 * The one way to the database: each call is one transaction.
 *
 * SQLite has a single connection, so every other caller waits while a transaction is open, in the order of
 * `TransactionQueue`; and
 * a transaction that awaits another one never ends. Await nothing but queries inside.
 */
export class Database {
  /** For moments that are stored, or shared with other processes. */
  readonly clock = new Clock();
  private readonly queue = new TransactionQueue();
  private readonly connection: AbstractSqlConnection;
  private readonly kysely: Kysely<unknown>;
  private readonly aside: AsideReads;
  private readonly probe: PostgresProbe | undefined;
  private readonly writeProbe: WriteProbe | undefined;
  private readonly outcomes: CommitOutcomes;
  private connected: Promise<unknown> | undefined;

  constructor(
    private readonly orm: MikroORM,
    readonly kind: 'sqlite' | 'postgresql',
    private readonly patienceMs = PATIENCE_MS,
  ) {
    this.connection = (orm.em as SqlEntityManager).getConnection();
    this.kysely = this.connection.getClient() as Kysely<unknown>;
    this.aside = new AsideReads(orm, this.connection);
    this.probe = this.probeOf(this.connection);
    if (this.connection instanceof DirectSqliteConnection) {
      const { path } = this.connection.file;
      this.writeProbe = new WriteProbe(path, () => this.once(WRITE_PROBE, [String(performance.now())]));
    }
    this.outcomes = new CommitOutcomes((proof) => this.once(...proof), patienceMs, kind === 'postgresql');
  }

  /** Reads through the ORM, from one consistent state of the database. */
  read<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.transact(({ em }) => work(em), { readOnly: true, kind: 'reads' });
  }

  /**
   * Reads what may take long, through the ORM and from one consistent state of the database: on SQLite in a thread, so
   * that nothing waits for it. It sees what was committed before it was called. Rows are copied between threads: ask for
   * as many as a page has.
   *
   * @param isLong whether it may take far longer than a page of a list: such reads leave room for others
   * @throws ChatError `storage` when the thread has died; the next read has another one
   */
  readAside<T>(
    work: (em: EntityManager, statements: RunsStatements) => Promise<T>,
    { isLong = false }: { readonly isLong?: boolean } = {},
  ): Promise<T> {
    return this.patiently(async () => {
      await this.connect();
      return isLong ? this.aside.runLong(work) : this.aside.run(work);
    });
  }

  /** Reads and writes through the ORM; otherwise as `transaction`. */
  write<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.transact(({ em }) => work(em), { kind: 'commands' });
  }

  /**
   * Reads and writes; commits when `work` resolves, rolls back when it rejects. `work` runs again after a conflict
   * with another transaction, so it must not do anything that cannot be done twice.
   *
   * A COMMIT that is not answered may have been carried out: `Transaction.proof` says so, and `work` runs again only
   * where it was not.
   *
   * @throws ChatError `storage` when the database cannot write: locked for too long, full, read-only or away; then it may
   * be found to be committed later, see `Transaction.onCommitted`
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, kind: Priority = 'commands'): Promise<T> {
    return this.transact(work, { kind });
  }

  /** Reads with plain statements, from one consistent state of the database. */
  reading<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.transact(work, { readOnly: true, kind: 'reads' });
  }

  /** The rows of one prepared statement that only reads. It goes before other reads: commands wait for it. */
  query(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.patiently(() => this.once(statement, values));
  }

  /**
   * Carries out one prepared statement that is a transaction by itself. Not tried again: after an error that came from
   * the connection it is not known whether it was committed.
   * @throws what the driver throws
   */
  once(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    const { connection } = this;
    if (connection instanceof DirectPostgresConnection) return connection.run(statement, values);
    if (connection instanceof DirectSqliteConnection) {
      return this.queue.run('commands', () => connection.run(statement, values));
    }
    throw new Error('An unknown database');
  }

  /** A channel of PostgreSQL, not connected yet. @throws Error on SQLite, which has none */
  channel(options: ChannelOptions): PostgresChannel {
    const { connection } = this;
    if (!(connection instanceof DirectPostgresConnection)) throw new Error('Only PostgreSQL has channels');
    return connection.channel(options);
  }

  /**
   * Carries out a transaction of SQLite that consists of prepared statements alone, the cheapest there is: it goes
   * before all others, and at once where nothing else is under way. `committed` is called in the same turn.
   *
   * Not tried again: `work` decides what happens after an error.
   * @throws what the driver throws
   */
  steps<T>(work: () => Steps<T>, committed: (result: T) => void): Promise<T> {
    const { connection } = this;
    if (!(connection instanceof DirectSqliteConnection)) throw new Error('Only SQLite works without waiting');
    return this.queue.run('tokens', () => {
      const result = stepOnSqlite(connection, work());
      committed(result);
      return result;
    });
  }

  /** Resolves when it is known of every COMMIT what became of it, or after `ms`. */
  settled(ms: number): Promise<void> {
    return this.outcomes.settled(ms);
  }

  /** Lets the clock follow that of PostgreSQL from now on; resolves once it does. SQLite has none. */
  async startClock(): Promise<void> {
    if (this.kind === 'sqlite') return;
    await this.clock.start(async () => Number((await this.once(DATABASE_TIME, []))[0]?.['time']));
  }

  /** To be called once the server runs: SQLite's log is kept short in a thread rather than by commits. */
  startCheckpoints(): void {
    this.aside.startCheckpoints();
  }

  /** Whether the database answers; PostgreSQL has to commit something within three seconds. */
  async isReachable(): Promise<boolean> {
    return this.probe ? this.probe.works() : this.orm.isConnected();
  }

  /** Why a SQLite file takes no writes at the moment, found out by writing; `undefined` when it does. */
  async writeRefusal(): Promise<WriteRefusal | undefined> {
    return this.writeProbe?.refusal();
  }

  /** How long SQLite's write-ahead log is, in bytes; `undefined` on PostgreSQL. */
  async logLength(): Promise<number | undefined> {
    return this.aside.logLength();
  }

  /** Lets what is under way come to its end, then closes the connections. */
  async close(): Promise<void> {
    this.outcomes.close();
    this.clock.stop();
    await this.aside.close();
    await this.queue.idle();
    await this.orm.close();
  }

  private probeOf(connection: AbstractSqlConnection): PostgresProbe | undefined {
    if (!(connection instanceof DirectPostgresConnection)) return undefined;
    const commit = (): Promise<unknown> => this.transaction(({ all }) => all(WRITE_PROBE, [String(this.clock.now())]));
    return new PostgresProbe(commit, () => connection.silentForMs);
  }

  private transact<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    const attempt = (): Promise<T> =>
      this.kind === 'sqlite'
        ? this.queue.run(options.kind, () => this.attempt(work, options))
        : this.attempt(work, options);
    return this.patiently(() => this.outcomes.of(attempt));
  }

  private async attempt<T>(
    work: (transaction: Transaction) => Promise<T>,
    { readOnly = false }: TransactionOptions,
  ): Promise<T> {
    await this.connect();
    const { connection } = this;
    if (connection instanceof DirectSqliteConnection) return this.onOneConnection(connection, work, readOnly);
    const trx = await this.begin(readOnly);
    const transaction = new Transaction(() => this.forkOn(trx), throughKysely(trx), this.kind);
    let result: T;
    try {
      result = await work(transaction);
      await transaction.flush();
    } catch (error) {
      await trx.rollback().execute();
      throw error;
    }
    try {
      await trx.commit().execute();
    } catch (error) {
      await trx.rollback().execute();
      throw new CommitFailed(transaction, result, error);
    }
    transaction.committed();
    return result;
  }

  /** In a turn of SQLite's connection: everything that runs on it meanwhile is part of this transaction. */
  private async onOneConnection<T>(
    connection: DirectSqliteConnection,
    work: (transaction: Transaction) => Promise<T>,
    readOnly: boolean,
  ): Promise<T> {
    const run: RunStatement = (statement, values) =>
      new Promise((resolve) => {
        resolve(connection.run(statement, values));
      });
    // The ORM takes whatever runs its queries for the transaction; here that is the connection itself.
    const transaction = new Transaction(() => this.forkOn(this.kysely as KyselyTransaction<unknown>), run, this.kind);
    connection.run(readOnly ? BEGIN_READING : BEGIN, []);
    let result: T;
    try {
      result = await work(transaction);
      await transaction.flush();
    } catch (error) {
      rollBack(connection);
      throw error;
    }
    try {
      connection.run(COMMIT, []);
    } catch (error) {
      rollBack(connection);
      throw new CommitFailed(transaction, result, error);
    }
    transaction.committed();
    return result;
  }

  private forkOn(trx: KyselyTransaction<unknown>): EntityManager {
    const em = this.orm.em.fork() as EntityManager;
    em.setTransactionContext(trx);
    return em;
  }

  private begin(readOnly: boolean): Promise<ControlledTransaction<unknown>> {
    const builder = this.kysely.startTransaction();
    return readOnly
      ? builder.setAccessMode('read only').setIsolationLevel('repeatable read').execute()
      : builder.execute();
  }

  /**
   * The ORM sets its connection up before the first query, which could not be done within a transaction. Once only:
   * after the close it would open the database again.
   */
  private async connect(): Promise<void> {
    this.connected ??= this.connection.ensureConnection();
    await this.connected;
  }

  private async patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof ChatError) throw error;
        const kind = error instanceof CommitUndone ? 'conflict' : classifyDatabaseError(error);
        if (kind === 'other') throw error;
        if (kind === 'unavailable' || performance.now() + pauseMs > deadline) {
          throw new ChatError('storage', 'The database cannot be written at the moment.', { cause: error });
        }
        // Random, so that two processes that collided do not collide again.
        await delay(pauseMs * (0.5 + Math.random()));
      }
    }
  }
}

function stepOnSqlite<T>(connection: DirectSqliteConnection, steps: Steps<T>): T {
  connection.run(BEGIN, []);
  try {
    let step = steps.next([]);
    while (!step.done) step = steps.next(connection.run(...step.value));
    connection.run(COMMIT, []);
    return step.value;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** Some errors, as a full disk, have ended the transaction already. */
function rollBack(connection: DirectSqliteConnection): void {
  if (connection.inTransaction) connection.run(ROLLBACK, []);
}
