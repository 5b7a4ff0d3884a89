import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Slots } from '../../slots.js';
import type { SqlRow } from '../../database/sql/statement.js';
import { currentRequestId } from '../../common/request-id.js';
import type { RunStatus } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { DispatchService } from '../queue/dispatch.service.js';
import { bareEnd, willPass } from './end-failure.js';
import { abandonedRuns, RENEWED_WITHIN_MS } from './lease.js';
import type { RunEnd } from './run-end.js';
import { RunsService } from './runs.service.js';

/** With a lease and the second look it leaves some seconds of the 20 of `L8` for a machine that is busy. */
const EVERY_MS = 2_500;
/** So many runs are ended at once: what people ask for needs connections as well. */
const AT_ONCE = 3;
/** How long reaping waits for commits that are in doubt: other runs wait for their end. */
const SETTLE_MS = 1_000;

/** A run under one lease: with another one it is not abandoned. */
const nameOf = (row: SqlRow): string => `${String(row['id'])} until ${String(row['lease_until'])}`;

/**
 * Ends runs whose process died or lost its lease, as interrupted (`L8`). The model is not asked again: a second
 * answer would differ, and cost money.
 *
 * A lease that is over is looked at twice: a step of PostgreSQL's clock lets all of them expire at once, and those that
 * live renew theirs.
 */
@Injectable()
export class ReaperService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ReaperService.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isOver = false;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly dispatch: DispatchService,
  ) {}

  /** A SQLite file has one process: whatever runs there belongs to one that is gone, and ends before the port opens. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.database.kind === 'sqlite') await this.reap(true);
    else void this.reapExpired();
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, EVERY_MS);
  }

  onApplicationShutdown(): void {
    this.isOver = true;
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    // A run may be this process's own without its knowledge, until the outcome of its commit is known.
    await this.database.settled(SETTLE_MS);
    // A process may have died between the end of a run and what was to follow it.
    await this.dispatch.sweep();
    await this.reapExpired();
  }

  private reapExpired(): Promise<void> {
    return this.reap(false).catch((error: unknown) => this.logger.error({ msg: 'Reaping failed', err: error }));
  }

  /** The others must not wait for one that cannot be ended, as when its rows are locked. */
  private async reap(ownedByOthers: boolean): Promise<void> {
    const rows = await this.database.query(...abandonedRuns(ownedByOthers));
    if (rows.length === 0) return;
    if (!ownedByOthers) await delay(RENEWED_WITHIN_MS, undefined, { ref: false });
    if (this.isOver) return;
    // This process slept longer than its lease, and no other has taken over: the run simply goes on.
    const abandoned = rows.filter(({ id }) => !this.runs.isWriting(String(id)));
    const slots = new Slots(AT_ONCE);
    await Promise.all(abandoned.map((row) => slots.run(() => this.reapOne(row, ownedByOthers))));
  }

  private async reapOne(row: SqlRow, ownedByOthers: boolean): Promise<void> {
    const runId = String(row['id']);
    try {
      const status = await this.end(row, ownedByOthers, { status: 'interrupted' });
      if (status === 'interrupted') this.logger.warn({ msg: 'A run was interrupted', runId });
    } catch (error) {
      if (willPass(error)) {
        this.logger.error({ msg: 'A run could not be ended for now', runId, err: error });
        return;
      }
      this.logger.error({ msg: 'The end of a run cannot be stored: it ends as failed', runId, err: error });
      await this.end(row, ownedByOthers, bareEnd(currentRequestId())).catch((again: unknown) => {
        this.logger.error({ msg: 'A run could not be ended', runId, err: again });
      });
    }
  }

  private end(row: SqlRow, ownedByOthers: boolean, end: RunEnd): Promise<RunStatus | undefined> {
    return this.log.write(async (transaction) => {
      // Read again: the worker may have come back and renewed its lease.
      const still = await transaction.all(...abandonedRuns(ownedByOthers));
      const isStill = still.some((other) => nameOf(other) === nameOf(row));
      return isStill ? this.runs.endWithin(transaction, String(row['id']), end) : undefined;
    });
  }
}
