import { setTimeout as delay } from 'node:timers/promises';
import { ChatError } from '../../protocol/index.js';
import { classifyDatabaseError } from '../database-error.js';
import { toBoolean } from '../sql/sql-values.js';
import type { Query, SqlRow } from '../sql/statement.js';
import type { Transaction } from './transaction.js';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/** A COMMIT failed: it may still have been executed, if the connection broke before the response. */
export class CommitFailed<T> extends Error {
  override readonly name = 'CommitFailed';

  constructor(
    readonly transaction: Transaction,
    /** The result for the caller if the transaction was committed. */
    readonly result: T,
    cause: unknown,
  ) {
    super('A commit failed', { cause });
  }
}

/** A failed COMMIT was not executed and never will be: the work can run again. */
export class CommitUndone extends Error {
  override readonly name = 'CommitUndone';
}

/**
 * Finds out the outcomes of commits without a response, by their proofs. A commit stays in doubt until its proof can be
 * queried, however long that takes; if it was committed, its hooks are called then.
 */
export class CommitOutcomes {
  private readonly closing = new AbortController();
  private readonly doubts = new Set<Promise<boolean | undefined>>();

  constructor(
    private readonly ask: (proof: Query) => Promise<readonly SqlRow[]>,
    private readonly patienceMs: number,
    /** Whether the query itself writes, so that its success shows that the database can be written again. */
    private readonly answersByWriting: boolean,
  ) {}

  /**
   * Runs one attempt of a transaction until its outcome is known.
   * @throws CommitUndone when it can run again; the error of the commit when that was not about the connection;
   * ChatError `storage` when the outcome is not known in time
   */
  async of<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CommitFailed)) throw error;
      return this.settle(error as CommitFailed<T>);
    }
  }

  /** Resolves when no commit is in doubt, or after `ms` milliseconds. */
  async settled(ms: number): Promise<void> {
    if (this.doubts.size > 0) await this.atMost(ms, Promise.all(this.doubts));
  }

  /** Stops asking. */
  close(): void {
    this.closing.abort();
  }

  private async settle<T>({ transaction, result, cause }: CommitFailed<T>): Promise<T> {
    if (!transaction.proof) throw cause;
    const doubt = this.find(transaction, transaction.proof).finally(() => this.doubts.delete(doubt));
    this.doubts.add(doubt);
    const isCommitted = await this.atMost(this.patienceMs, doubt);
    if (isCommitted === undefined) {
      throw new ChatError('storage', 'It is not known yet whether this was stored.', { cause });
    }
    if (isCommitted) return result;
    const hasPassed = this.answersByWriting && classifyDatabaseError(cause) === 'unavailable';
    throw hasPassed ? new CommitUndone('A commit was not carried out', { cause }) : cause;
  }

  /** @returns whether the transaction was committed; `undefined` after `close` */
  private async find(transaction: Transaction, proof: Query): Promise<boolean | undefined> {
    for (
      let pauseMs = FIRST_PAUSE_MS;
      !this.closing.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    ) {
      // Ask until there is an answer, after any error, because the commit may have been executed.
      const rows = await this.ask(proof).catch(() => undefined);
      if (rows) {
        const isCommitted = toBoolean(rows[0]?.['committed']);
        if (isCommitted) transaction.committed();
        else transaction.undone();
        return isCommitted;
      }
      await delay(pauseMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
    return undefined;
  }

  private async atMost<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
    const timer = new AbortController();
    const timeout = delay(ms, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
    try {
      return await Promise.race([promise, timeout]);
    } finally {
      timer.abort();
    }
  }
}
