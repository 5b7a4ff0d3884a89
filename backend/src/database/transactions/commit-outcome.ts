import { setTimeout as delay } from 'node:timers/promises';
import { ChatError } from '../../protocol/index.js';
import { classifyDatabaseError } from '../database-error.js';
import { toBoolean } from '../sql/sql-values.js';
import type { Query, SqlRow } from '../sql/statement.js';
import type { Transaction } from './transaction.js';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/** A COMMIT came to an error: it may have been carried out, as the connection may have broken behind it. */
export class CommitFailed<T> extends Error {
  override readonly name = 'CommitFailed';

  constructor(
    readonly transaction: Transaction,
    /** What the caller is given if it was carried out. */
    readonly result: T,
    cause: unknown,
  ) {
    super('A commit failed', { cause });
  }
}

/** A COMMIT that failed was not carried out, and never will be: the work can be done again. */
export class CommitUndone extends Error {
  override readonly name = 'CommitUndone';
}

/**
 * Finds out what became of commits that were not answered, by the proof that each of them has left. A commit whose proof
 * cannot be asked for stays in doubt, however long it takes: what follows it is done when it turns out to have been
 * carried out.
 */
export class CommitOutcomes {
  private readonly closing = new AbortController();
  private readonly doubts = new Set<Promise<boolean | undefined>>();

  constructor(
    private readonly ask: (proof: Query) => Promise<readonly SqlRow[]>,
    private readonly patienceMs: number,
    /** An answer shows that the database can be written again: the trouble was that of one connection. */
    private readonly answersByWriting: boolean,
  ) {}

  /**
   * Carries out one attempt at a transaction, up to a known end.
   * @throws CommitUndone, or what the commit failed with where that is no trouble of the connection; ChatError `storage`
   * when the outcome is not known in time
   */
  async of<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CommitFailed)) throw error;
      return this.settle(error as CommitFailed<T>);
    }
  }

  /** Resolves when no commit is in doubt, or after `ms`. */
  async settled(ms: number): Promise<void> {
    if (this.doubts.size > 0) await this.atMost(ms, Promise.all(this.doubts));
  }

  /** Asks no more. */
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

  /** @returns whether it was carried out; `undefined` when nothing is asked any more */
  private async find(transaction: Transaction, proof: Query): Promise<boolean | undefined> {
    for (
      let pauseMs = FIRST_PAUSE_MS;
      !this.closing.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    ) {
      // Whatever keeps the answer away now, the commit was made before: it is asked about until there is one.
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
