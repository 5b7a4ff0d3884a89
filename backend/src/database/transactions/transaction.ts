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

/** The part of a transaction that runs plain statements. */
export type RunsStatements = Pick<Transaction, 'all'>;

/** One transaction, with plain statements and an entity manager, which is created at its first use. */
export class Transaction {
  private manager: EntityManager | undefined;
  private readonly afterCommit: (() => void)[] = [];
  private readonly afterUndoing: (() => void)[] = [];
  /**
   * The query for the outcome of a COMMIT without a response; it may run several times. Its column `committed` says
   * whether the transaction was committed; if not, it never will be. Without a proof the COMMIT counts as undone.
   */
  proof: Query | undefined;

  constructor(
    private readonly fork: () => EntityManager,
    /** Runs a prepared statement. PostgreSQL returns 64-bit numbers as text, SQLite booleans as numbers. */
    readonly all: RunStatement,
    readonly kind: DatabaseKind,
  ) {}

  /** The ORM within this transaction; its changes are flushed before the commit. */
  get em(): EntityManager {
    return (this.manager ??= this.fork());
  }

  /** Writes the changes of the entity manager, if it was used. */
  async flush(): Promise<void> {
    await this.manager?.flush();
  }

  /**
   * Calls `hook` when the commit has succeeded, on SQLite before the next transaction starts; or later, when the
   * outcome was not known at first.
   */
  onCommitted(hook: () => void): void {
    this.afterCommit.push(hook);
  }

  /** Calls `hook` when a failed COMMIT turns out not to have been executed. */
  onUndone(hook: () => void): void {
    this.afterUndoing.push(hook);
  }

  /** Runs the hooks; only the database calls this. */
  committed(): void {
    for (const hook of this.afterCommit) hook();
  }

  /** Runs the hooks; only the database calls this. */
  undone(): void {
    for (const hook of this.afterUndoing) hook();
  }
}

/** Runs statements on the connection of a transaction of Kysely. */
export const throughKysely =
  (trx: ControlledTransaction<unknown>): RunStatement =>
  async ({ postgresql }, values) =>
    (await trx.executeQuery(CompiledQuery.raw(postgresql, [...values]))).rows as readonly SqlRow[];
