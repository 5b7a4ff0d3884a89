import type { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { AsideReads, type AsideWork } from './sqlite/aside-reads.js';
import { CommitOutcomes } from './transactions/commit-outcome.js';
import { Clock } from './clock.js';
import { DATABASE_TIME } from './clock.statements.js';
import type { ChannelOptions, PostgresChannel } from './postgres/postgres-channel.js';
import { PostgresTransactions } from './postgres/postgres-transactions.js';
import { connectingOnce, connectionOf, type DatabaseKind } from './sql/connection.js';
import { SqliteTransactions } from './sqlite/sqlite-transactions.js';
import type { SqlRow, SqlValue, Statement, Steps } from './sql/statement.js';
import { patiently } from './transactions/patience.js';
import { forkOf, type Transaction, type TransactionOptions } from './transactions/transaction.js';
import type { Priority } from './sqlite/transaction-queue.js';
import { DatabaseProbe } from './probes/database-probe.js';

export type EntityManager = SqlEntityManager;

/** How long a transaction that meets a lock is tried again before the caller is told. */
const PATIENCE_MS = 10_000;

/**
 * The one way to the database: each call is one transaction.
 *
 * SQLite has a single connection, so every other caller waits while a transaction is open, in the order of
 * `TransactionQueue`; and a transaction that awaits another one never ends. Await nothing but queries inside.
 */
export class Database {
  /** For moments that are stored, or shared with other processes. */
  readonly clock = new Clock();
  readonly kind: DatabaseKind;
  readonly probe: DatabaseProbe;
  private readonly transactions: SqliteTransactions | PostgresTransactions;
  private readonly connect: () => Promise<unknown>;
  private readonly aside: AsideReads;
  private readonly outcomes: CommitOutcomes;

  constructor(
    private readonly orm: MikroORM,
    private readonly patienceMs = PATIENCE_MS,
  ) {
    const connection = connectionOf(orm.em as EntityManager);
    const fork = forkOf(orm);
    this.connect = connectingOnce(connection);
    this.kind = connection.kind;
    this.transactions =
      connection.kind === 'sqlite'
        ? new SqliteTransactions(connection, fork, this.connect)
        : new PostgresTransactions(connection, fork, this.connect);
    this.aside = new AsideReads(connection, fork);
    this.probe = new DatabaseProbe(orm, this);
    this.outcomes = new CommitOutcomes((proof) => this.once(...proof), patienceMs, this.kind === 'postgresql');
  }

  /** Reads through the ORM, from one consistent state of the database. */
  read<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.transact(({ em }) => work(em), { isReading: true, kind: 'reads' });
  }

  /**
   * Reads what may take long, through the ORM and from one consistent state of the database: on SQLite in a thread, so
   * that nothing waits for it. It sees what was committed before it was called. Rows are copied between threads: ask for
   * as many as a page has.
   *
   * @param isLong whether it may take far longer than a page of a list: such reads leave room for others
   * @throws ChatError `storage` when the thread has died; the next read has another one
   */
  readAside<T>(work: AsideWork<T>, { isLong = false }: { readonly isLong?: boolean } = {}): Promise<T> {
    return patiently(this.patienceMs, async () => {
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
    return this.transact(work, { isReading: true, kind: 'reads' });
  }

  /** The rows of one prepared statement that only reads. It goes before other reads: commands wait for it. */
  query(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return patiently(this.patienceMs, () => this.once(statement, values));
  }

  /**
   * Carries out one prepared statement that is a transaction by itself. Not tried again: after an error that came from
   * the connection it is not known whether it was committed.
   * @throws what the driver throws
   */
  once(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.transactions.once(statement, values);
  }

  /** A channel of PostgreSQL, not connected yet. @throws Error on SQLite, which has none */
  channel(options: ChannelOptions): PostgresChannel {
    if (this.transactions.kind === 'sqlite') throw new Error('Only PostgreSQL has channels');
    return this.transactions.channel(options);
  }

  /**
   * Carries out a transaction of SQLite that consists of prepared statements alone, the cheapest there is: it goes
   * before all others, and at once where nothing else is under way. `committed` is called in the same turn.
   *
   * Not tried again: `work` decides what happens after an error.
   * @throws what the driver throws
   */
  steps<T>(work: () => Steps<T>, committed: (result: T) => void): Promise<T> {
    if (this.transactions.kind === 'postgresql') throw new Error('Only SQLite works without waiting');
    return this.transactions.steps(work, committed);
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

  /** How long SQLite's write-ahead log is, in bytes; `undefined` on PostgreSQL. */
  async logLength(): Promise<number | undefined> {
    return this.aside.logLength();
  }

  /** Lets what is under way come to its end, then closes the connections. */
  async close(): Promise<void> {
    this.outcomes.close();
    this.clock.stop();
    await this.aside.close();
    if (this.transactions.kind === 'sqlite') await this.transactions.idle();
    await this.orm.close();
  }

  private transact<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    return patiently(this.patienceMs, () => this.outcomes.of(() => this.transactions.run(work, options)));
  }
}
