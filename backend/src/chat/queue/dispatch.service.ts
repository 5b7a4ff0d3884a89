import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { withRequestId } from '../../common/request-id.js';
import { EventLog } from '../../streams/log/event-log.js';
import { RefusedStarts } from '../budgets/refused-starts.js';
import { BudgetExceeded } from '../budgets/reservation.js';
import { findDueQueues } from './due-queues.js';
import { sendNextOf } from './queue-sending.js';
import type { RunEnd } from '../runs/run-end.js';
import { Tracing } from '../../tracing/tracing.js';
import type { RunJob } from '../runs/run-job.js';
import { RunsService } from '../runs/runs.service.js';

/**
 * The end of a run that must not ask its model: no client waits for a refusal, so the thread shows it. The rest of the queue
 * waits, as after any failed reply.
 */
const forbiddenEnd = ({ requestId }: RunJob): RunEnd => ({
  status: 'failed',
  usage: null,
  written: '',
  error: { code: 'model_forbidden', requestId },
});

/**
 * Starts runs, and sends queued messages when runs have ended. The queue is in the database and needs no open tab
 * (`L9`): messages that a process did not send, for example because it crashed, are found by the next sweep of any
 * process.
 */
@Injectable()
export class DispatchService implements OnApplicationShutdown {
  private readonly logger = new Logger(DispatchService.name);
  private readonly sweeps = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly refused: RefusedStarts,
    private readonly tracing: Tracing,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.sweeps);
  }

  /**
   * Starts a run whose rows are committed, see `RunsService.start`. Call it from `LogTransaction.onCommitted`, which runs
   * exactly once per commit. When the run has ended, all queues of the user are swept, not only that of the run's
   * conversation: another one may have waited for the limit of active runs per user.
   */
  start(job: RunJob): Promise<void> {
    const done = this.runs.start(job);
    void done.then(() => this.sweep(job.userId));
    return done;
  }

  /** Sends the next message of each queue that is due, of one user or of all. Never rejects. */
  sweep(userId?: string): Promise<void> {
    const sweep = this.sendDue(userId)
      .catch((error: unknown) => this.logger.error({ msg: 'The queues could not be read', err: error }))
      .finally(() => this.sweeps.delete(sweep));
    this.sweeps.add(sweep);
    return sweep;
  }

  private async sendDue(userId: string | undefined): Promise<void> {
    if (this.runs.draining) return;
    for (const conversationId of await findDueQueues(this.database, userId)) {
      if (this.runs.draining) return;
      try {
        const send = (): Promise<void> => this.refused.noting(this.sendNext(conversationId));
        await withRequestId(() => this.tracing.own('queue send', {}, send));
      } catch (error) {
        // The message stays in the queue, which is due again when the refusal is forgotten or the budget begins anew.
        if (error instanceof BudgetExceeded) continue;
        this.logger.error({ msg: 'A queued message could not be sent', conversationId, err: error });
      }
    }
  }

  private async sendNext(conversationId: string): Promise<void> {
    const options = this.runs.options();
    await this.log.write(async (transaction) => {
      const { job, refusal } = (await sendNextOf(transaction, conversationId, options)) ?? {};
      if (!job) return;
      if (refusal) await this.runs.endWithin(transaction, job.runId, forbiddenEnd(job));
      else transaction.onCommitted(() => void this.start(job));
    });
  }
}
