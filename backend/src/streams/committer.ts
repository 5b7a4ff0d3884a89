import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from './event-log.js';
import type { LogTransaction } from './log-transaction.js';

/** Somebody who has something for the log now and then. */
export interface CommitWriter {
  /** Not asked again before this moment, in milliseconds since 1970. */
  readonly notBefore: number;
  /** Appends what is pending. Called again with the same when the transaction has to be repeated. */
  write(transaction: LogTransaction): void;
  /** What `write` appended last is committed. */
  committed(): void;
  /** It has lost the right to write: nothing of what it still holds will ever be committed. */
  lost(): void;
  /** The database refused; the writer keeps what it has and is asked again, unless it returns `false`. */
  refused(error: unknown): boolean;
}

/** Returns those that may still write, by the fence in the database, in the same transaction (`L7`). */
export type CommitGuard<Writer> = (
  transaction: LogTransaction,
  writers: readonly Writer[],
) => Promise<ReadonlySet<Writer>>;

const PAUSE_AFTER_REFUSAL_MS = 250;

/**
 * The one loop through which all runs of this process reach the log: take everything that is pending, write it in
 * one transaction, tell, repeat. Alone, a token goes at once; under load the batches grow by themselves, because
 * more gathers while a commit is under way.
 */
export class Committer<Writer extends CommitWriter> {
  private readonly waiting = new Set<Writer>();
  private wake: () => void = () => undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly guard: CommitGuard<Writer>,
  ) {}

  /** The writer has something pending, or wants its lease renewed. */
  submit(writer: Writer): void {
    this.waiting.add(writer);
    this.wake();
    this.running ??= this.loop().finally(() => (this.running = undefined));
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async loop(): Promise<void> {
    while (this.waiting.size > 0) {
      const due = this.takeDue();
      if (due.length === 0) await this.nextDue();
      else await this.commit(due);
    }
  }

  private takeDue(): Writer[] {
    const now = Date.now();
    const due = [...this.waiting].filter(({ notBefore }) => notBefore <= now);
    for (const writer of due) this.waiting.delete(writer);
    return due;
  }

  /** Everybody has just written: wait until the first may again, or somebody else comes. */
  private async nextDue(): Promise<void> {
    const first = Math.min(...[...this.waiting].map(({ notBefore }) => notBefore));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, first - Date.now()));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async commit(writers: readonly Writer[]): Promise<void> {
    let allowed: ReadonlySet<Writer> = new Set();
    try {
      await this.log.write(async (transaction) => {
        allowed = await this.guard(transaction, writers);
        for (const writer of allowed) writer.write(transaction);
      });
    } catch (error) {
      for (const writer of writers) if (writer.refused(error)) this.waiting.add(writer);
      await delay(PAUSE_AFTER_REFUSAL_MS);
      return;
    }
    for (const writer of writers) {
      if (allowed.has(writer)) writer.committed();
      else writer.lost();
    }
  }
}
