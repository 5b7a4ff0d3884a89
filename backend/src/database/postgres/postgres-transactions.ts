import type { ControlledTransaction, Kysely } from 'kysely';
import type { SqlRow, SqlValue, Statement } from '../sql/statement.js';
import { CommitFailed } from '../transactions/commit-outcome.js';
import { type Fork, throughKysely, Transaction, type TransactionOptions } from '../transactions/transaction.js';
import type { ChannelOptions, PostgresChannel } from './postgres-channel.js';
import type { DirectPostgresConnection } from './postgres-driver.js';

/** Transactions on PostgreSQL's connections. What they promise is said in `Database`. */
export class PostgresTransactions {
  readonly kind = 'postgresql';
  private readonly client: Kysely<unknown>;

  constructor(
    private readonly connection: DirectPostgresConnection,
    private readonly fork: Fork,
    private readonly connected: () => Promise<unknown>,
  ) {
    this.client = connection.getClient();
  }

  /**
   * One attempt.
   * @throws CommitFailed, and what `work` or the connection throws
   */
  async run<T>(work: (transaction: Transaction) => Promise<T>, { isReading = false }: TransactionOptions): Promise<T> {
    await this.connected();
    const trx = await this.begin(isReading);
    const transaction = new Transaction(() => this.fork(trx), throughKysely(trx), this.kind);
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

  /** One statement by itself. */
  once(statement: Statement, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.connection.run(statement, values);
  }

  /** A channel, not connected yet. */
  channel(options: ChannelOptions): PostgresChannel {
    return this.connection.channel(options);
  }

  private begin(isReading: boolean): Promise<ControlledTransaction<unknown>> {
    const builder = this.client.startTransaction();
    return isReading
      ? builder.setAccessMode('read only').setIsolationLevel('repeatable read').execute()
      : builder.execute();
  }
}
