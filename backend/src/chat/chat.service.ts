import { Inject, Injectable } from '@nestjs/common';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Principal } from '../users/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { currentRequestId } from '../edge/request-id.js';
import { LanguageModel } from '../models/language-model.js';
import { ChatError, type Command, conversationStream, type RunStatus, type SendResult } from '../protocol/index.js';
import { EventLog } from '../streams/event-log.js';
import type { LogTransaction } from '../streams/log-transaction.js';
import { readHead } from '../streams/stream-tables.js';
import { beginExchange, type Exchange } from './exchange.js';
import type { Question } from './exchange-place.js';
import { payloadHash } from './idempotency.js';
import { Message } from './message.entity.js';
import { ownRun } from './ownership.js';
import { type RunOrder, RunsService } from './runs.service.js';
import { SendLimiter } from './send-limiter.js';
import { TitlesService } from './titles.service.js';

type Pending = (Exchange & { readonly duplicate: false }) | (SendResult & { readonly duplicate: true });

/** What a person says, and what is asked of the model because of it. */
@Injectable()
export class ChatService {
  private readonly limiter: SendLimiter;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly titles: TitlesService,
    private readonly model: LanguageModel,
  ) {
    this.limiter = new SendLimiter(config.limits.sendsPerMinute);
  }

  /**
   * Adds a message and an empty reply, and starts the run that fills it. An unknown `conversationId` starts a
   * conversation. The same `clientMessageId` again changes nothing and returns the same ids (`L6`).
   * @throws ChatError `run_active` while the conversation is being answered, `idempotency_mismatch` when the id was
   * used for something else, `not_found`, `rate_limited`, `draining`, `storage`
   */
  send(principal: Principal, command: Command<'message:send'>): Promise<SendResult> {
    const { clientMessageId, conversationId, text, parentId, model } = command;
    const question: Question = { kind: 'send', conversationId, text, parentId };
    return this.exchange(principal, clientMessageId, payloadHash('message:send', command), question, model);
  }

  /** Adds a sibling of a message of one's own, with another text, and starts a run; otherwise as `send`. */
  edit(principal: Principal, command: Command<'message:edit'>): Promise<SendResult> {
    const { clientMessageId, messageId, text } = command;
    const question: Question = { kind: 'edit', messageId, text };
    return this.exchange(principal, clientMessageId, payloadHash('message:edit', command), question, undefined);
  }

  /** Adds a sibling of a reply and starts a run that fills it; otherwise as `send`. */
  regenerate(principal: Principal, command: Command<'message:regenerate'>): Promise<SendResult> {
    const { clientMessageId, messageId, model } = command;
    const question: Question = { kind: 'regenerate', messageId };
    return this.exchange(principal, clientMessageId, payloadHash('message:regenerate', command), question, model);
  }

  /**
   * Stops a run from any tab.
   * @returns the status that really won: the run may have ended by itself meanwhile
   */
  async stop({ userId }: Principal, { runId }: Command<'run:stop'>): Promise<{ status: RunStatus }> {
    await this.log.write(({ em }) => ownRun(em, userId, runId));
    return { status: await this.runs.stop(runId) };
  }

  private async exchange(
    { userId }: Principal,
    clientMessageId: string,
    hash: string,
    question: Question,
    model: string | undefined,
  ): Promise<SendResult> {
    if (this.runs.draining) throw new ChatError('draining', 'The server is restarting.', { retryAfterMs: 2_000 });
    const asked = model ?? this.model.allowed[0] ?? '';
    if (!this.model.allowed.includes(asked)) throw new ChatError('bad_request', 'model: is not one of the allowed');
    this.limiter.check(userId);
    const key = { userId, clientMessageId, payloadHash: hash };
    const order = { model: asked, requestId: currentRequestId(), maxRuns: this.config.limits.runsPerUser };
    const attempt = (): Promise<Pending> =>
      this.log.write(async (transaction) => {
        const begun = await beginExchange(transaction, key, question, order);
        return begun instanceof Message ? this.repeat(transaction, begun) : { ...begun, duplicate: false };
      });
    const pending = await attempt().catch((error: unknown) => {
      // The same message arrived twice at once and the other one was faster: find what it left.
      if (error instanceof UniqueConstraintViolationException) return attempt();
      throw error;
    });
    if (pending.duplicate) return pending;
    this.limiter.count(userId);
    this.start(pending.order, pending.isFirst);
    return { duplicate: false, messageId: pending.messageId, runId: pending.order.runId, seq: pending.position.seq };
  }

  private async repeat({ em }: LogTransaction, message: Message): Promise<Pending> {
    const { seq } = await readHead(em, conversationStream(message.conversationId));
    return { duplicate: true, messageId: message.id, runId: message.runId ?? '', seq };
  }

  private start(order: RunOrder, isFirst: boolean): void {
    const done = this.runs.start(order);
    if (isFirst) this.titles.nameAfter(done, order);
  }
}
