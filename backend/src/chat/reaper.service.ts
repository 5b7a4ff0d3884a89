import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Slots } from '../database/slots.js';
import { currentRequestId } from '../edge/request-id.js';
import type { RunStatus } from '../protocol/index.js';
import { EventLog } from '../streams/event-log.js';
import { DispatchService } from './dispatch.service.js';
import { bareEnd, willPass } from './end-failure.js';
import { abandonedRuns } from './lease.js';
import type { RunEnd } from './run-end.js';
import { RunsService } from './runs.service.js';

const EVERY_MS = 5_000;
/** So many runs are ended at once: what people ask for needs connections as well. */
const AT_ONCE = 3;
/** How long reaping waits for commits that are in doubt: other runs wait for their end. */
const SETTLE_MS = 1_000;

/**
 * Ends runs whose process died or lost its lease, as interrupted (`L8`). The model is not asked again: a second
 * answer would differ, and cost money.
 */
@Injectable()
export class ReaperService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ReaperService.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly dispatch: DispatchService,
  ) {}

  /** Before the port opens. A SQLite file has one process: whatever runs there belongs to one that is gone. */
  async onApplicationBootstrap(): Promise<void> {
    await this.reap(this.database.kind === 'sqlite');
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    // A run may be this process's own without its knowledge, until the outcome of its commit is known.
    await this.database.settled(SETTLE_MS);
    await this.reap(false).catch((error: unknown) => this.logger.error({ msg: 'Reaping failed', err: error }));
    // A process may have died between the end of a run and what was to follow it.
    await this.dispatch.sweep();
  }

  /** The others must not wait for one that cannot be ended, as when its rows are locked, nor must the start of the server. */
  private async reap(ownedByOthers: boolean): Promise<void> {
    const rows = await this.database.query(...abandonedRuns(ownedByOthers));
    // This process slept longer than its lease, and no other has taken over: the run simply goes on.
    const runIds = rows.map(({ id }) => String(id)).filter((runId) => !this.runs.isWriting(runId));
    const slots = new Slots(AT_ONCE);
    await Promise.all(runIds.map((runId) => slots.run(() => this.reapOne(runId, ownedByOthers))));
  }

  private async reapOne(runId: string, ownedByOthers: boolean): Promise<void> {
    try {
      const status = await this.end(runId, ownedByOthers, { status: 'interrupted' });
      if (status === 'interrupted') this.logger.warn({ msg: 'A run was interrupted', runId });
    } catch (error) {
      if (willPass(error)) {
        this.logger.error({ msg: 'A run could not be ended for now', runId, err: error });
        return;
      }
      this.logger.error({ msg: 'The end of a run cannot be stored: it ends as failed', runId, err: error });
      await this.end(runId, ownedByOthers, bareEnd(currentRequestId())).catch((again: unknown) => {
        this.logger.error({ msg: 'A run could not be ended', runId, err: again });
      });
    }
  }

  private end(runId: string, ownedByOthers: boolean, end: RunEnd): Promise<RunStatus | undefined> {
    return this.log.write(async (transaction) => {
      // Read again under the lock: the worker may have come back and renewed its lease.
      const still = await transaction.all(...abandonedRuns(ownedByOthers));
      return still.some(({ id }) => id === runId) ? this.runs.endWithin(transaction, runId, end) : undefined;
    });
  }
}
