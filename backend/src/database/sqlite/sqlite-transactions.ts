import type { Transaction as KyselyTransaction } from 'kysely';
import type { SqlRow, SqlValue, Statement, Steps } from '../sql/statement.js';
import { CommitFailed } from '../transactions/commit-outcome.js';
import { type Fork, type RunStatement, Transaction, type TransactionOptions } from '../transactions/transaction.js';
import { BEGIN, BEGIN_READING, COMMIT, ROLLBACK } from '../transactions/transaction.statements.js';
import type { DirectSqliteConnection } from './sqlite-driver.js';
import { TransactionQueue } from './transaction-queue.js';

/** Transactions on SQLite's single connection, one after the other. What they promise is said in `Database`. */
export class SqliteTransactions {
  readonly kind = 'sqlite';
  private readonly queue = new TransactionQueue();
  /** The ORM takes whatever runs its queries for the transaction; here that is the connection itself. */
  private readonly client: KyselyTransaction<unknown>;

  constructor(
    private readonly connection: DirectSqliteConnection,
    private readonly fork: Fork,
    private readonly connected: () => Promise<unknown>,
  ) {
    this.client = connection.getClient() as KyselyTransaction<unknown>;
  }

  /**
   * One attempt. Everything that runs on the connection in its turn is part of it.
   * @throws CommitFailed, and what `work` throws
   */
  run<T>(work: (transaction: Transaction) => Promise<T>, { kind, isReading = false }: TransactionOptions): Promise<T> {
    return this.queue.run(kind, async () => {
      await this.connected();
      const { connection } = this;
      const run: RunStatement = (statement, values) =>
        new Promise((resolve) => {
          resolve(connection.run(statement, values));
        });
      const transaction = new Transaction(() => this.fork(this.client), run, this.kind);
      connection.run(isReading ? BEGIN_READING : BEGIN, []);
      let result: T;
      try {
        result = await work(transaction);
        await transaction.flush();
      } catch (error) {
        this.rollBack();
        throw error;
      }
      try {
        connection.run(COMMIT, []);
      } catch (error) {
        this.rollBack();
        throw new CommitFailed(transaction, result, error);
      }
      transaction.committed();
      return result;
    });
  }

  /** One statement by itself. */
  once(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.queue.run('commands', () => this.connection.run(statement, values));
  }

  /** A transaction of prepared statements alone, without a promise. */
  steps<T>(work: () => Steps<T>, committed: (result: T) => void): Promise<T> {
    return this.queue.run('tokens', () => {
      const result = this.step(work());
      committed(result);
      return result;
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    return this.queue.idle();
  }

  private step<T>(steps: Steps<T>): T {
    const { connection } = this;
    connection.run(BEGIN, []);
    try {
      let step = steps.next([]);
      while (!step.done) step = steps.next(connection.run(...step.value));
      connection.run(COMMIT, []);
      return step.value;
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  /** Some errors, as a full disk, have ended the transaction already. */
  private rollBack(): void {
    if (this.connection.inTransaction) this.connection.run(ROLLBACK, []);
  }
}
