import { Inject, Injectable } from '@nestjs/common';
import { isDuplicateKey } from '../../database/database-error.js';
import type { Principal } from '../../common/handlers/principal.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { type Command, conversationStream, type RunStatus, type SendResult } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { Admission } from './admission.js';
import { beginContinuation } from './continuation.js';
import { DispatchService } from '../queue/dispatch.service.js';
import { beginTurn, type Begun, type TurnOptions } from './turn.js';
import type { Question } from './branch-point.js';
import { type IdempotencyKey, payloadHash } from './idempotency.js';
import { refuseUnknownModel, refuseUnknownSettings } from './model-choice.js';
import { type RunJob, RunsService } from '../runs/runs.service.js';
import { SendLimiter } from './send-limiter.js';
import { TitlesService } from '../titles/titles.service.js';

/** What a command does, in one transaction. */
type Begin = (transaction: LogTransaction, key: IdempotencyKey, options: TurnOptions) => Promise<Begun>;

/** What a person says, and what is asked of the model because of it. */
@Injectable()
export class ChatService {
  private readonly limiter: SendLimiter;
  private readonly admission = new Admission();

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly titles: TitlesService,
    private readonly dispatch: DispatchService,
  ) {
    this.limiter = new SendLimiter(config.limits.sendsPerMinute);
  }

  /**
   * Adds a message and an empty reply, and starts the run that fills it. An unknown `conversationId` starts a
   * conversation. With `queue` the message waits while the conversation is being answered. The same `clientMessageId`
   * again changes nothing and returns the same ids (`L6`).
   * @throws ChatError `run_active` while the conversation is being answered, `idempotency_mismatch` when the id was
   * used for something else, `bad_request` for a model that is not offered, `not_found`, `rate_limited`, `overloaded`,
   * `draining`, `storage`
   */
  async send(principal: Principal, command: Command<'message:send'>): Promise<SendResult> {
    const { clientMessageId, conversationId, text, parentId, model, settings, queue: mayWait = false } = command;
    refuseUnknownSettings(settings, this.dispatch.options().allowed);
    const question: Question = { kind: 'send', conversationId, text, parentId, settings, mayWait };
    return this.turn(principal, clientMessageId, payloadHash('message:send', command), question, model);
  }

  /** Adds a sibling of a message of one's own, with another text, and starts a run; otherwise as `send`. */
  edit(principal: Principal, command: Command<'message:edit'>): Promise<SendResult> {
    const { clientMessageId, messageId, text } = command;
    const question: Question = { kind: 'edit', messageId, text };
    return this.turn(principal, clientMessageId, payloadHash('message:edit', command), question);
  }

  /** Adds a sibling of a reply and starts a run that fills it; otherwise as `send`. */
  regenerate(principal: Principal, command: Command<'message:regenerate'>): Promise<SendResult> {
    const { clientMessageId, messageId, model } = command;
    const question: Question = { kind: 'regenerate', messageId };
    return this.turn(principal, clientMessageId, payloadHash('message:regenerate', command), question, model);
  }

  /**
   * Starts another run of a reply that ended early, which goes on behind its text; otherwise as `send`.
   * @throws ChatError also `bad_request` for a message that is no such reply at the end of the branch in view
   */
  continue(principal: Principal, command: Command<'message:continue'>): Promise<SendResult> {
    const { clientMessageId, messageId } = command;
    return this.carryOut(
      principal,
      clientMessageId,
      payloadHash('message:continue', command),
      (transaction, key, options) => beginContinuation(transaction, key, messageId, options),
    );
  }

  /**
   * Stops a run from any tab.
   * @returns the status that really won: the run may have ended by itself meanwhile
   * @throws ChatError `not_found` for a run that is not the user's own
   */
  async stop({ userId }: Principal, { runId }: Command<'run:stop'>): Promise<{ status: RunStatus }> {
    const status = await this.runs.stop(runId, userId);
    // The process that writes the run sees to what waits; one that is gone does not.
    if (!this.runs.isWriting(runId)) void this.dispatch.sweep(userId);
    return { status };
  }

  private async turn(
    principal: Principal,
    clientMessageId: string,
    hash: string,
    question: Question,
    model?: string,
  ): Promise<SendResult> {
    refuseUnknownModel('model', model, this.dispatch.options().allowed);
    return this.carryOut(principal, clientMessageId, hash, (transaction, key, options) =>
      beginTurn(transaction, key, question, { ...options, model: model ?? null }),
    );
  }

  private async carryOut(
    { userId }: Principal,
    clientMessageId: string,
    hash: string,
    begin: Begin,
  ): Promise<SendResult> {
    const options = { ...this.dispatch.options(), model: null };
    this.limiter.check(userId);
    const key = { userId, clientMessageId, payloadHash: hash };
    const attempt = () =>
      this.log.write(async (transaction) => {
        const begun = await begin(transaction, key, options);
        // Not behind the call, which may come to an error though the run is committed.
        if (begun.kind === 'started') transaction.onCommitted(() => this.start(begun.job, userId, begun.isFirst));
        if (begun.kind !== 'repeated') return begun;
        return { ...begun, position: { seq: await transaction.head(conversationStream(begun.conversationId)) } };
      });
    const begun = await this.admission.run(() =>
      attempt().catch((error: unknown) => {
        // The same message arrived twice at once and the other one was faster: find what it left.
        if (isDuplicateKey(error)) return attempt();
        throw error;
      }),
    );
    if (begun.kind !== 'repeated') this.limiter.count(userId);
    const isQueued = begun.kind === 'queued' || (begun.kind === 'repeated' && begun.isQueued);
    return {
      duplicate: begun.kind === 'repeated',
      messageId: begun.messageId,
      runId: begun.kind === 'started' ? begun.job.runId : begun.runId,
      seq: begun.position.seq,
      ...(isQueued && { queued: true }),
    };
  }

  private start(job: RunJob, userId: string, isFirst: boolean): void {
    const done = this.dispatch.start(job, userId);
    if (isFirst) this.titles.nameAfter(done, job);
  }
}
