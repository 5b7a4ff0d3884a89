import type { MikroORM } from '@mikro-orm/core';
import { CompiledQuery, type ControlledTransaction, type Transaction as KyselyTransaction } from 'kysely';
import type { EntityManager } from '../database.js';
import type { DatabaseKind } from '../sql/connection.js';
import type { Priority } from '../sqlite/transaction-queue.js';
import type { Query, SqlRow, SqlValue, Statement } from '../sql/statement.js';

/** Runs a prepared statement on the connection of a transaction. */
export type RunStatement = (statement: Statement, values: readonly SqlValue[]) => Promise<readonly SqlRow[]>;

/** An entity manager whose queries belong to a transaction. */
export type Fork = (trx: KyselyTransaction<unknown>) => EntityManager;

export const forkOf =
  (orm: MikroORM): Fork =>
  (trx) => {
    const em = orm.em.fork() as EntityManager;
    em.setTransactionContext(trx);
    return em;
  };

export interface TransactionOptions {
  readonly isReading?: boolean;
  readonly kind: Priority;
}

/** Where plain statements can be run: within a transaction. */
export type RunsStatements = Pick<Transaction, 'all'>;

/** One transaction: plain statements, and an entity manager for those who ask for it. */
export class Transaction {
  private manager: EntityManager | undefined;
  private readonly afterCommit: (() => void)[] = [];
  private readonly afterUndoing: (() => void)[] = [];
  /**
   * What is asked when a COMMIT is not answered, as often as need be: `committed` in its row says whether it was carried
   * out; if not, it never will be. Without a proof such a commit counts as undone.
   */
  proof: Query | undefined;

  constructor(
    private readonly fork: () => EntityManager,
    /** Runs a prepared statement. PostgreSQL gives 64-bit numbers as text, SQLite booleans as numbers. */
    readonly all: RunStatement,
    readonly kind: DatabaseKind,
  ) {}

  /** The ORM within this transaction; what it was given to keep is flushed before the commit. */
  get em(): EntityManager {
    return (this.manager ??= this.fork());
  }

  /** Writes what the entity manager holds, if it was asked for. */
  async flush(): Promise<void> {
    await this.manager?.flush();
  }

  /**
   * Calls `hook` once the commit has succeeded, before any other transaction of SQLite begins; late, where that was not
   * known for a while.
   */
  onCommitted(hook: () => void): void {
    this.afterCommit.push(hook);
  }

  /** Calls `hook` when a COMMIT that failed turns out not to have been carried out. */
  onUndone(hook: () => void): void {
    this.afterUndoing.push(hook);
  }

  /** Called by the database alone. */
  committed(): void {
    for (const hook of this.afterCommit) hook();
  }

  /** Called by the database alone. */
  undone(): void {
    for (const hook of this.afterUndoing) hook();
  }
}

/** Runs statements through Kysely's connection of a transaction. */
export const throughKysely =
  (trx: ControlledTransaction<unknown>): RunStatement =>
  async ({ postgresql }, values) =>
    (await trx.executeQuery(CompiledQuery.raw(postgresql, [...values]))).rows as readonly SqlRow[];
