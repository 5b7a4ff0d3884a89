import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import { currentRequestId } from '../edge/request-id.js';
import type { RunStatus } from '../protocol/index.js';
import { EventLog } from '../streams/event-log.js';
import { DispatchService } from './dispatch.service.js';
import { bareEnd, willPass } from './end-failure.js';
import { abandonedRuns } from './lease.js';
import type { RunEnd } from './run-end.js';
import { RunsService } from './runs.service.js';

const EVERY_MS = 5_000;

/**
 * Ends runs whose process died or lost its lease, as interrupted (`L8`). The model is not asked again: a second
 * answer would differ, and cost money.
 */
@Injectable()
export class ReaperService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ReaperService.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly dispatch: DispatchService,
  ) {}

  /** Before the port opens. A SQLite file has one process: whatever runs there belongs to one that is gone. */
  async onApplicationBootstrap(): Promise<void> {
    await this.reap(this.database.kind === 'sqlite');
    this.timer = setInterval(() => void this.look(), EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    await this.reap(false).catch((error: unknown) => this.logger.error({ msg: 'Reaping failed', err: error }));
    // A process may have died between the end of a run and what was to follow it.
    await this.dispatch.sweep();
  }

  private async reap(ownedByOthers: boolean): Promise<void> {
    for (const row of await this.database.query(...abandonedRuns(ownedByOthers))) {
      const runId = String(row['id']);
      // This process slept longer than its lease, and no other has taken over: the run simply goes on.
      if (this.runs.isWriting(runId)) continue;
      try {
        const status = await this.end(runId, ownedByOthers, { status: 'interrupted' });
        if (status === 'interrupted') this.logger.warn({ msg: 'A run was interrupted', runId });
      } catch (error) {
        if (willPass(error)) throw error;
        // The others must not wait for this one, nor must the start of the server.
        this.logger.error({ msg: 'The end of a run cannot be stored: it ends as failed', runId, err: error });
        await this.end(runId, ownedByOthers, bareEnd(currentRequestId())).catch((again: unknown) => {
          this.logger.error({ msg: 'A run could not be ended', runId, err: again });
        });
      }
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
