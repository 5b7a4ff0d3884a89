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
import { traced } from '../tracing/span.js';
import type { Priority } from './sqlite/transaction-queue.js';
import { DatabaseProbe } from './probes/database-probe.js';

export type EntityManager = SqlEntityManager;

/** How long a transaction is retried after conflicts before it fails. */
const PATIENCE_MS = 10_000;

/**
 * The only access to the database: each call is one transaction.
 *
 * SQLite has a single connection, so all other callers wait while a transaction is open, in the order of
 * `TransactionQueue`. A transaction that awaits another one deadlocks: await only queries inside.
 */
export class Database {
  /** The clock for times that are stored or shared with other processes. */
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
   * Runs a slow read, through the ORM and from one consistent state of the database: on SQLite in a thread, so that it
   * blocks nothing else. It sees everything committed before the call. Rows are copied between threads, so read no more
   * than a page of them.
   *
   * @param isLong whether it may take far longer than a page of a list: such reads are limited to leave slots for
   * others
   * @throws ChatError `storage` when the thread has died; the next read gets another one
   */
  readAside<T>(work: AsideWork<T>, { isLong = false }: { readonly isLong?: boolean } = {}): Promise<T> {
    return patiently(this.patienceMs, async () => {
      await this.connect();
      return isLong ? this.aside.runLong(work) : this.aside.run(work);
    });
  }

  /** Reads and writes through the ORM; otherwise like `transaction`. */
  write<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.transact(({ em }) => work(em), { kind: 'commands' });
  }

  /**
   * Reads and writes; commits when `work` resolves, rolls back when it rejects. `work` runs again after a conflict with
   * another transaction, so it must have no other side effects.
   *
   * The outcome of a COMMIT without a response is found out by `Transaction.proof`, and `work` runs again only if the
   * transaction was not committed.
   *
   * @throws ChatError `storage` when the database cannot write (locked for too long, full, read-only or not available),
   * or when the outcome is not known in time; it may then be found later, see `Transaction.onCommitted`
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, kind: Priority = 'commands'): Promise<T> {
    return this.transact(work, { kind });
  }

  /** Reads with plain statements, from one consistent state of the database. */
  reading<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.transact(work, { isReading: true, kind: 'reads' });
  }

  /**
   * The rows of one prepared statement that only reads. It has priority over other reads, since commands wait for it.
   */
  query(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return patiently(this.patienceMs, () => this.once(statement, values));
  }

  /**
   * Runs one prepared statement as a transaction of its own, without retries: after a connection error it is not known
   * whether it was committed.
   * @throws what the driver throws
   */
  once(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.transactions.once(statement, values);
  }

  /** A channel of PostgreSQL, not connected yet. @throws Error on SQLite, which has no channels */
  channel(options: ChannelOptions): PostgresChannel {
    if (this.transactions.kind === 'sqlite') throw new Error('Only PostgreSQL has channels');
    return this.transactions.channel(options);
  }

  /**
   * Runs a transaction of SQLite that consists of prepared statements only, which is the cheapest kind. It has priority
   * over all others, and runs synchronously if no other transaction is open. `committed` is called directly after the
   * commit.
   *
   * Without retries: the caller decides what to do after an error.
   * @throws what the driver throws
   */
  steps<T>(work: () => Steps<T>, committed: (result: T) => void): Promise<T> {
    if (this.transactions.kind === 'postgresql') throw new Error('Only SQLite works without waiting');
    return this.transactions.steps(work, committed);
  }

  /** Resolves when the outcomes of all COMMITs are known, or after `ms` milliseconds. */
  settled(ms: number): Promise<void> {
    return this.outcomes.settled(ms);
  }

  /** Makes the clock follow that of PostgreSQL; resolves after the first measurement. No effect on SQLite. */
  async startClock(): Promise<void> {
    if (this.kind === 'sqlite') return;
    await this.clock.start(async () => Number((await this.once(DATABASE_TIME, []))[0]?.['time']));
  }

  /** Called when the server runs: from then on SQLite's WAL is checkpointed in a thread instead of within commits. */
  startCheckpoints(): void {
    this.aside.startCheckpoints();
  }

  /** The length of SQLite's write-ahead log in bytes; `undefined` on PostgreSQL. */
  async logLength(): Promise<number | undefined> {
    return this.aside.logLength();
  }

  /** Waits for open transactions, then closes the connections. */
  async close(): Promise<void> {
    this.outcomes.close();
    this.clock.stop();
    await this.aside.close();
    if (this.transactions.kind === 'sqlite') await this.transactions.idle();
    await this.orm.close();
  }

  private transact<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    const attributes = { 'db.system.name': this.kind, 'lockstep.transaction.kind': options.kind };
    return traced('transaction', attributes, (span) => {
      // Before `begun` it waits for other transactions; a second one is another attempt, after a conflict.
      const noted: typeof work = span ? (transaction) => (span.event('begun'), work(transaction)) : work;
      return patiently(this.patienceMs, () => this.outcomes.of(() => this.transactions.run(noted, options)));
    });
  }
}
