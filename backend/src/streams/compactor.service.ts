import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database, type EntityManager } from '../database/database.js';
import { trimJournal } from './journal-trim.js';
import { dropEvents, findOldEvents } from './stream-tables.js';

const EVERY_MS = 60_000;
/** Whoever was away for longer gets a snapshot. */
const KEEP_MS = 10 * 60_000;
const STREAMS_PER_TURN = 200;

/** Says from which event on a stream must be kept whatever its age; `undefined` when nothing holds it. */
export type Hold = (em: EntityManager, stream: string) => Promise<number | undefined>;

/** Drops events that nobody will ask for again: what they led to stands in the tables. */
@Injectable()
export class CompactorService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(CompactorService.name);
  private readonly holds: Hold[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  /** Registered by whoever still reads old events, as a run that goes on reads its own text. */
  addHold(hold: Hold): void {
    this.holds.push(hold);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.compact(Date.now() - KEEP_MS).catch((error: unknown) => {
        this.logger.error({ msg: 'Old events could not be dropped', err: error });
      });
    }, EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Drops what is older than `before`, in milliseconds since 1970; one short transaction a stream. */
  async compact(before: number): Promise<void> {
    await trimJournal(this.database, before);
    const old = await this.database.read((em) => findOldEvents(em, before, STREAMS_PER_TURN));
    for (const { stream, seq } of old) {
      await this.database.write(async (em) => {
        const firstHeld = await this.firstHeld(em, stream);
        await dropEvents(em, stream, Math.min(seq, firstHeld - 1));
      });
    }
  }

  private async firstHeld(em: EntityManager, stream: string): Promise<number> {
    let first = Number.POSITIVE_INFINITY;
    for (const hold of this.holds) first = Math.min(first, (await hold(em, stream)) ?? first);
    return first;
  }
}
