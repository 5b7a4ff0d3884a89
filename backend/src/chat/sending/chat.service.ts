import { Inject, Injectable } from '@nestjs/common';
import { isDuplicateKey } from '../../database/database-error.js';
import type { Caller } from '../../common/handlers/principal.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import type { Command, RunStatus, SendResult } from '../../protocol/index.js';
import { telemetry } from '../../telemetry.js';
import { perUser, type Policy } from '../../limits/policy.js';
import { RateLimits } from '../../limits/rate-limits.js';
import { EventLog } from '../../streams/log/event-log.js';
import { RefusedStarts } from '../budgets/refused-starts.js';
import { Admission } from './limits/admission.js';
import { beginContinuation } from './continuation.js';
import { DispatchService } from '../queue/dispatch.service.js';
import { answerOf, type AskCommand } from './ask-command.js';
import { beginTurn } from './turn.js';
import { payloadHash } from './idempotency.js';
import { refuseUnknownModel, refuseUnoffered } from './model-choice.js';
import type { OwnSettings, RunJob } from '../runs/run-job.js';
import { RunsService } from '../runs/runs.service.js';
import { TitlesService } from '../titles/titles.service.js';
import type { UnkeptEnd } from '../unkept/unkept-rows.js';
import { type UnkeptQuestion, UnkeptRuns } from '../unkept/unkept-runs.service.js';

/** The commands that start and stop runs. */
@Injectable()
export class ChatService {
  private readonly sends: Policy;
  private readonly admission = new Admission();

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly limits: RateLimits,
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly titles: TitlesService,
    private readonly dispatch: DispatchService,
    private readonly refused: RefusedStarts,
    private readonly unkept: UnkeptRuns,
  ) {
    this.sends = perUser('sends', config.limits.sendsPerMinute, 'Too many messages within a minute.');
  }

  /**
   * Carries out a command that starts a run: writes its rows in one transaction, then starts the run. An
   * unknown `conversationId` starts a conversation. With `queue` the message waits while the conversation is being
   * answered. The same `clientMessageId` again changes nothing and returns the same ids (`L6`).
   * @throws ChatError `run_active` while the conversation is being answered, `idempotency_mismatch` when the id was
   * used for something else, `bad_request` for a model that is not offered or a message of the wrong kind, `forbidden`
   * for a model that the user may not ask, `not_found`, `rate_limited`, `budget_exceeded`, `overloaded`, `draining`,
   * `storage`
   */
  async ask(caller: Caller, asked: AskCommand, own?: OwnSettings): Promise<SendResult> {
    let result: 'accepted' | 'repeated' | 'refused' = 'refused';
    try {
      const sent = await this.carryOut(caller, asked, own);
      result = sent.duplicate ? 'repeated' : 'accepted';
      return sent;
    } finally {
      telemetry.messageSent.publish({ result });
    }
  }

  /**
   * Asks a model for a reply that is not kept, under the same limits. Resolves when the run has ended.
   * @throws ChatError `bad_request` for a model that is not offered, `rate_limited`, `budget_exceeded`, `overloaded`,
   * `draining`, `storage`
   */
  async askUnkept(question: UnkeptQuestion): Promise<UnkeptEnd> {
    const { userId, model } = question;
    const options = this.runs.options();
    refuseUnknownModel('model', model, options.allowed);
    this.limits.refuseBlocked(this.sends, userId);
    const work = this.unkept.run(question, options, (transaction) =>
      this.limits.takeWithin(transaction, this.sends, userId),
    );
    const end = await this.refused.noting(work);
    // Queued messages may have waited for the limit of active runs.
    void this.dispatch.sweep(userId);
    return end;
  }

  /**
   * Stops a run from any tab.
   * @returns the status of the run afterwards: it may have ended by itself in the meantime
   * @throws ChatError `not_found` for a run of another user
   */
  async stop({ userId }: Caller, { runId }: Command<'run:stop'>): Promise<{ status: RunStatus }> {
    const status = await this.runs.stop(runId, userId);
    // The process that writes the run sends the queued messages at its end, unless that process has died.
    if (!this.runs.isWriting(runId)) void this.dispatch.sweep(userId);
    return { status };
  }

  private async carryOut({ userId }: Caller, asked: AskCommand, own?: OwnSettings): Promise<SendResult> {
    const { name, command } = asked;
    const options = { ...this.runs.options(), own };
    refuseUnoffered(asked, options.allowed);
    this.limits.refuseBlocked(this.sends, userId);
    const { clientMessageId } = command;
    const key = { userId, clientMessageId, payloadHash: payloadHash(name, command) };
    const attempt = () =>
      this.log.write(async (transaction) => {
        const begun = await (asked.name === 'message:continue'
          ? beginContinuation(transaction, key, asked.command.messageId, options)
          : beginTurn(transaction, key, asked, options));
        // Last: a repeated command does not count, and one that is refused for another reason is undone with its count.
        if (!begun.duplicate) await this.limits.takeWithin(transaction, this.sends, userId);
        const { job } = begun;
        // Not after `write` returns: it may throw although the transaction was committed.
        if (job) transaction.onCommitted(() => this.start(job));
        return begun;
      });
    const work = this.admission.run(() =>
      attempt().catch((error: unknown) => {
        // The same command arrived twice at once and the other copy was committed first: return its result.
        if (isDuplicateKey(error)) return attempt();
        throw error;
      }),
    );
    const begun = await this.refused.noting(work);
    return answerOf(begun);
  }

  private start(job: RunJob): void {
    const done = this.dispatch.start(job);
    if (job.isFirst) this.titles.nameAfter(done, job);
  }
}
