import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { classifyDatabaseError } from '../database-error.js';
import type { WriteRefusal } from '../../protocol/index.js';
import { writeRefusalOf } from './write-refusal.js';

/** How long a result is cached, because the route is public and may be called at any rate. */
const HOLDS_MS = 1_000;
/** How long one answer waits for the write, which waits for all transactions before it. */
const ANSWER_WITHIN_MS = 1_000;
/** Shorter locks do not count as a refusal, nor does waiting for another transaction of this process. */
const LOCKED_FOR_MS = 5_000;

interface Answer {
  readonly at: number;
  readonly refusal: WriteRefusal | undefined;
}

/**
 * Finds out by a write whether a SQLite file can be written: only a commit shows a full disk or a read-only file, and
 * an idle server makes none.
 */
export class WriteProbe {
  private last: Answer = { at: Number.NEGATIVE_INFINITY, refusal: undefined };
  private asking: { readonly since: number; readonly done: Promise<void> } | undefined;
  private lockedSince: number | undefined;

  /** @param write commits a write, and throws what the driver throws */
  constructor(
    private readonly path: string,
    private readonly write: () => Promise<unknown>,
    private readonly withinMs = ANSWER_WITHIN_MS,
    private readonly lockedForMs = LOCKED_FOR_MS,
  ) {}

  /**
   * Why the file cannot be written, at most a second ago; `undefined` if it can be written. Answers within a second,
   * whatever the database does: until the write is done, with what was known before.
   */
  async refusal(): Promise<WriteRefusal | undefined> {
    if (performance.now() - this.last.at < HOLDS_MS) return this.last.refusal;
    this.asking ??= { since: performance.now(), done: this.ask() };
    const { since, done } = this.asking;
    await Promise.race([done, delay(this.withinMs, undefined, { ref: false })]);
    if (this.asking?.done !== done) return this.last.refusal;
    return performance.now() - since < this.lockedForMs ? this.last.refusal : 'locked';
  }

  private async ask(): Promise<void> {
    try {
      const refusal = await this.attempt();
      this.last = { at: performance.now(), refusal };
    } finally {
      this.asking = undefined;
    }
  }

  private async attempt(): Promise<WriteRefusal | undefined> {
    try {
      await this.write();
      this.lockedSince = undefined;
      return undefined;
    } catch (error) {
      if (classifyDatabaseError(error) !== 'conflict') this.lockedSince = undefined;
      const refusal = (await writeRefusalOf(error, this.path)) ?? 'failed';
      if (refusal !== 'locked') return refusal;
      this.lockedSince ??= performance.now();
      return performance.now() - this.lockedSince < this.lockedForMs ? undefined : refusal;
    }
  }
}
