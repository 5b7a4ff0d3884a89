import { performance } from 'node:perf_hooks';
import { classifyDatabaseError } from '../database-error.js';
import type { WriteRefusal } from '../../protocol/index.js';
import { writeRefusalOf } from './write-refusal.js';

/** How long a result is cached, because the route is public and may be called at any rate. */
const HOLDS_MS = 1_000;
/** Shorter locks do not count as a refusal. */
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
  private asking: Promise<WriteRefusal | undefined> | undefined;
  private lockedSince: number | undefined;

  /** @param write commits a write, and throws what the driver throws */
  constructor(
    private readonly path: string,
    private readonly write: () => Promise<unknown>,
  ) {}

  /** Why the file cannot be written, at most a second ago; `undefined` if it can be written. */
  async refusal(): Promise<WriteRefusal | undefined> {
    if (performance.now() - this.last.at < HOLDS_MS) return this.last.refusal;
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async ask(): Promise<WriteRefusal | undefined> {
    const refusal = await this.attempt();
    this.last = { at: performance.now(), refusal };
    return refusal;
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
      return performance.now() - this.lockedSince < LOCKED_FOR_MS ? undefined : refusal;
    }
  }
}
