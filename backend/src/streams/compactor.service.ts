import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Transaction } from '../database/transaction.js';
import { DROP_EVENTS, OLDEST_EVENTS, RAISE_KEPT_AFTER, TAKE_HEADS } from './compaction.statements.js';
import { trimJournal } from './journal-trim.js';

const EVERY_MS = 60_000;
/** Who was away for longer gets a snapshot. */
const KEEP_MS = 10 * 60_000;
/** So many take a few milliseconds: tokens wait for no longer. */
const EVENTS_PER_STEP = 250;
/** How much longer than a step the pause behind it is: a backlog of a million events takes some percent of a core. */
const PAUSE_FACTOR = 15;

/** Says from which event on each of the streams must be kept whatever its age; leaves out what nothing holds. */
export type Hold = (
  transaction: Pick<Transaction, 'all'>,
  streams: readonly string[],
) => Promise<ReadonlyMap<string, number>>;

/** What a step has done: how many events it looked at, and how many of those stay. */
interface Step {
  readonly seen: number;
  readonly kept: number;
  readonly ms: number;
}

/** Drops events that are not asked for again: what they led to stands in the tables. */
@Injectable()
export class CompactorService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(CompactorService.name);
  private readonly holds: Hold[] = [];
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private isCompacting = false;

  constructor(private readonly database: Database) {}

  /** Registered by a part that still reads old events, as a run that goes on reads its own text. */
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

  /** Drops what is older than `before`, in milliseconds since 1970, a short transaction for some hundred events. */
  async compact(before: number): Promise<void> {
    await trimJournal(this.database, before);
    for (let passedOver = 0; !this.stopping.signal.aborted;) {
      const { seen, kept, ms } = await this.step(before, passedOver);
      if (seen < EVENTS_PER_STEP) return;
      passedOver += kept;
      await delay(ms * PAUSE_FACTOR, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** One at a time: a round with much to drop takes longer than a minute. */
  private async round(): Promise<void> {
    if (this.isCompacting) return;
    this.isCompacting = true;
    try {
      await this.compact(this.database.clock.now() - KEEP_MS);
    } catch (error) {
      this.logger.error({ msg: 'Old events could not be dropped', err: error });
    } finally {
      this.isCompacting = false;
    }
  }

  private step(before: number, passedOver: number): Promise<Step> {
    return this.database.transaction(async (transaction) => {
      const startedAt = performance.now();
      const events = await transaction.all(OLDEST_EVENTS, [before, EVENTS_PER_STEP, passedOver]);
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
      return { seen: events.length, kept, ms: performance.now() - startedAt };
    }, 'upkeep');
  }

  /** Up to where each of the streams can be dropped; leaves out those that are held or being written. */
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
