import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Transaction } from '../../database/transactions/transaction.js';
import { DROP_EVENTS, OLDEST_EVENTS, RAISE_KEPT_AFTER, TAKE_HEADS } from './compaction.statements.js';
import { trimJournal } from '../journal/journal-trim.js';
import { StepSize } from './step-size.js';

const EVERY_MS = 60_000;
/** A client that was disconnected for longer gets a snapshot instead of the events. */
const KEEP_MS = 10 * 60_000;
const [FIRST_EVENTS, LEAST_EVENTS, MOST_EVENTS] = [100, 50, 1_000];

/** Returns, by stream, the number of the first event that must be kept whatever its age; streams may be missing. */
export type Hold = (
  transaction: Pick<Transaction, 'all'>,
  streams: readonly string[],
) => Promise<ReadonlyMap<string, number>>;

/** The result of a step: the number of events read, the number of those that stay, and how long it held its locks. */
interface Step {
  readonly seen: number;
  readonly kept: number;
  readonly ms: number;
}

/** Deletes old events. Clients that would need them get a snapshot, which is read from the other tables. */
@Injectable()
export class CompactorService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(CompactorService.name);
  private readonly holds: Hold[] = [];
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private isCompacting = false;

  constructor(private readonly database: Database) {}

  /** Registers a function that keeps events from deletion, such as the text of a run that is still going on. */
  addHold(hold: Hold): void {
    this.holds.push(hold);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.round(), EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.stopping.abort();
  }

  /** Deletes events and deltas from before a time in milliseconds since 1970, in short transactions; see `StepSize`. */
  async compact(before: number): Promise<void> {
    const { signal } = this.stopping;
    await trimJournal(this.database, before, signal);
    const size = new StepSize(FIRST_EVENTS, LEAST_EVENTS, MOST_EVENTS);
    for (let passedOver = 0; !signal.aborted;) {
      const limit = size.rows;
      const { seen, kept, ms } = await this.step(before, limit, passedOver);
      if (seen < limit) return;
      passedOver += kept;
      await delay(size.took(ms), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Skipped while the previous round still runs: with many old events it takes longer than a minute. */
  private async round(): Promise<void> {
    if (this.isCompacting) return;
    this.isCompacting = true;
    try {
      await this.compact(this.database.clock.now() - KEEP_MS);
    } catch (error) {
      this.logger.error({ msg: 'Old events could not be deleted', err: error });
    } finally {
      this.isCompacting = false;
    }
  }

  private async step(before: number, limit: number, passedOver: number): Promise<Step> {
    let startedAt = 0;
    const step = await this.database.transaction(async (transaction) => {
      startedAt = performance.now();
      const events = await transaction.all(OLDEST_EVENTS, [before, limit, passedOver]);
      const newest = new Map<string, number>();
      for (const { stream, seq } of events) {
        newest.set(String(stream), Math.max(Number(seq), newest.get(String(stream)) ?? 0));
      }
      const upTo = await this.withoutHeld(transaction, newest);
      if (upTo.size > 0) {
        const list = [JSON.stringify([...upTo])];
        await transaction.all(RAISE_KEPT_AFTER, list);
        await transaction.all(DROP_EVENTS, list);
      }
      const kept = events.filter(({ stream, seq }) => Number(seq) > (upTo.get(String(stream)) ?? 0)).length;
      return { seen: events.length, kept };
    }, 'upkeep');
    // The commit is included, since other writers wait until then.
    return { ...step, ms: performance.now() - startedAt };
  }

  /** The last event to delete of each stream; streams without one, and those that are being written, are left out. */
  private async withoutHeld(
    transaction: Transaction,
    newest: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<string, number>> {
    if (newest.size === 0) return newest;
    const heads = await transaction.all(TAKE_HEADS, [JSON.stringify([...newest.keys()])]);
    const streams = heads.map(({ stream }) => String(stream));
    const upTo = new Map(streams.map((stream) => [stream, newest.get(stream) ?? 0]));
    for (const hold of this.holds) {
      for (const [stream, first] of await hold(transaction, streams)) {
        upTo.set(stream, Math.min(first - 1, upTo.get(stream) ?? 0));
      }
    }
    return new Map([...upTo].filter(([, seq]) => seq > 0));
  }
}
