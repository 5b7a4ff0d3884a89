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
import { Tracing } from '../../tracing/tracing.js';
import type { RunEnd } from './run-end.js';
import { RunsService } from './runs.service.js';

/** Together with the lease and the second check this stays some seconds below the 20 s of `L8`, for busy machines. */
const EVERY_MS = 2_500;
/** The number of runs that are ended at once: requests of users need database connections too. */
const AT_ONCE = 3;
/** How long reaping waits for commits in doubt, while other runs wait to be ended. */
const SETTLE_MS = 1_000;

/** Identifies a run together with its lease, since a run with a renewed lease is not abandoned. */
const nameOf = (row: SqlRow): string => `${String(row['id'])} until ${String(row['lease_until'])}`;

/**
 * Ends runs whose process died or lost its lease, as `interrupted` (`L8`). The model is not asked again: a second
 * answer would differ and cost money.
 *
 * An expired lease is checked twice: when PostgreSQL's clock is set forward all leases expire at once, and living
 * processes get the time to renew theirs.
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
    private readonly tracing: Tracing,
  ) {}

  /** Only one process uses a SQLite file: runs in it belong to a dead process, and are ended before the port opens. */
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
    // Until the outcome of a commit is known, a run may belong to this process without being in its memory.
    await this.database.settled(SETTLE_MS);
    // A process may have died between the end of a run and the sweep of the queues that follows.
    await this.dispatch.sweep();
    await this.reapExpired();
  }

  private reapExpired(): Promise<void> {
    return this.reap(false).catch((error: unknown) => this.logger.error({ msg: 'Reaping failed', err: error }));
  }

  /** Ends the runs independently, so that one that cannot be ended (locked rows) does not delay the others. */
  private async reap(ownedByOthers: boolean): Promise<void> {
    const rows = await this.database.query(...abandonedRuns(ownedByOthers));
    if (rows.length === 0) return;
    if (!ownedByOthers) await delay(RENEWED_WITHIN_MS, undefined, { ref: false });
    if (this.isOver) return;
    // A run of this process can have an expired lease after the machine was suspended: it simply continues.
    const abandoned = rows.filter(({ id }) => !this.runs.isWriting(String(id)));
    const slots = new Slots(AT_ONCE);
    await Promise.all(
      abandoned.map((row) =>
        slots.run(() =>
          this.tracing.own('run reap', { 'lockstep.run.id': String(row['id']) }, () =>
            this.reapOne(row, ownedByOthers),
          ),
        ),
      ),
    );
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
      // Read again: the owner may have renewed its lease in the meantime.
      const still = await transaction.all(...abandonedRuns(ownedByOthers));
      const isStill = still.some((other) => nameOf(other) === nameOf(row));
      return isStill ? this.runs.endWithin(transaction, String(row['id']), end) : undefined;
    });
  }
}
