import { Injectable } from '@nestjs/common';
import { currentRequestId } from '../../common/request-id.js';
import type { Principal } from '../../common/handlers/principal.js';
import { type ActiveRun, ChatError, type RunStatus } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { recordAct } from '../../users/admin/audit.js';
import { LOCK_CONVERSATION_OF_RUN } from '../conversations/conversation.statements.js';
import { DispatchService } from '../queue/dispatch.service.js';
import { RunsService } from '../runs/runs.service.js';
import { UnkeptRuns } from '../unkept/unkept-runs.service.js';
import { activeAmong } from './active-runs.js';

/** Stops runs of any user, on any process, in the name of an admin. */
@Injectable()
export class AdminStops {
  constructor(
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly unkept: UnkeptRuns,
    private readonly dispatch: DispatchService,
  ) {}

  /**
   * Stops a run as its owner would, with a reason that the owner is shown, and records it.
   * @returns the status of the run afterwards: it may have ended by itself in the meantime
   * @throws ChatError `not_found`, also when a run without a conversation has ended
   */
  async stop({ userId: actorId }: Principal, runId: string): Promise<{ status: RunStatus }> {
    const { status, run } = await this.log.write(async (transaction) => {
      // Locked before it is read: of two admins at once, only one has stopped it.
      await transaction.all(LOCK_CONVERSATION_OF_RUN, [runId]);
      const [found] = await activeAmong(transaction.all, [runId]);
      const end = await this.end(transaction, runId, found);
      if (found && end === 'stopped') await record(transaction, actorId, found);
      return { status: end, run: found };
    });
    // As after a stop by the owner: the writing process sends the queued messages, unless it has died.
    if (run && !this.runs.isWriting(runId)) void this.dispatch.sweep(run.userId);
    return { status };
  }

  private async end(transaction: LogTransaction, runId: string, run: ActiveRun | undefined): Promise<RunStatus> {
    if (run?.conversationId === null) {
      if (!(await this.unkept.remove(transaction, runId))) throw notFound();
      return 'stopped';
    }
    transaction.onCommitted(() => this.runs.abandon(runId));
    const error = { code: 'stopped_by_admin', requestId: currentRequestId() } as const;
    return this.runs.endWithin(transaction, runId, { status: 'stopped', error });
  }
}

const notFound = (): ChatError => new ChatError('not_found', 'There is no such run.');

function record(transaction: LogTransaction, actorId: string, run: ActiveRun): Promise<void> {
  const { id: runId, model, conversationId, userId: id, userEmail: email } = run;
  const detail = { runId, model, conversationId };
  return recordAct(transaction, { action: 'run.stopped', actorId, target: { id, email }, detail });
}
