import { Injectable } from '@nestjs/common';
import { ChatError, type Command, conversationStream, type SendResult } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { Principal } from '../../common/handlers/principal.js';
import { RefusedStarts } from '../budgets/refused-starts.js';
import { DispatchService } from './dispatch.service.js';
import { answerOf, type Begun } from '../sending/ask-command.js';
import { lockStarts } from '../sending/idempotency.js';
import { Message } from '../messages/message.entity.js';
import { lockConversationRow, notFound, ownMessage } from '../conversations/ownership.js';
import { lockQueued, withdraw } from './queue.js';
import { sendQueued } from './queue-sending.js';
import { RunsService } from '../runs/runs.service.js';
import { readStanding, assertIdle } from '../sending/standing.js';

/** The commands for queued messages. Each method throws `not_found` for a message that is not queued any more. */
@Injectable()
export class QueueService {
  constructor(
    private readonly log: EventLog,
    private readonly dispatch: DispatchService,
    private readonly refused: RefusedStarts,
    private readonly runs: RunsService,
  ) {}

  /** Changes the text of a queued message. */
  update({ userId }: Principal, { messageId, text }: Command<'queue:update'>): Promise<void> {
    return this.log.write(async (transaction) => {
      const { queued } = await lockQueued(transaction.em, userId, messageId);
      if (queued.text === text) return;
      queued.text = text;
      transaction.append(conversationStream(queued.conversationId), {
        type: 'queue.updated',
        data: { messageId, text },
      });
    });
  }

  /** Removes a message from the queue. */
  remove({ userId }: Principal, { messageId }: Command<'queue:remove'>): Promise<void> {
    return this.log.write(async (transaction) => {
      const { queued } = await lockQueued(transaction.em, userId, messageId);
      withdraw(transaction, queued);
    });
  }

  /**
   * Sends a queued message now, before older ones. A message that was sent already is not sent again.
   * @throws ChatError `run_active`, `rate_limited`, `budget_exceeded`, `draining`, `forbidden` for a model that the user
   * may not ask
   */
  async send({ userId }: Principal, { messageId }: Command<'queue:send'>): Promise<SendResult> {
    const options = this.runs.options();
    const attempt = this.log.write(async (transaction) => {
      const { em } = transaction;
      // Look for a sent message only after waiting for the lock: the queue may send it in the meantime.
      const waiting = await lockQueued(em, userId, messageId).catch(async (error: unknown) => {
        const isGone = error instanceof ChatError && error.code === 'not_found';
        const before = isGone && (await findSent(transaction, userId, messageId));
        if (before) return before;
        throw error;
      });
      if ('runId' in waiting) return waiting;
      const { queued } = waiting;
      const conversation = await lockConversationRow(transaction, userId, queued.conversationId);
      if (!conversation) throw notFound('message');
      await lockStarts(transaction, userId);
      const standing = await readStanding(transaction, conversation);
      assertIdle(standing, options.maxRuns);
      const begun = await sendQueued(transaction, conversation, standing, queued, options);
      if (begun.refusal) throw begun.refusal;
      const { job } = begun;
      if (job) transaction.onCommitted(() => void this.dispatch.start(job));
      return begun;
    });
    return answerOf(await this.refused.noting(attempt));
  }
}

/** The result of an earlier send, by a repeated command or by the queue itself. */
async function findSent(transaction: LogTransaction, userId: string, id: string): Promise<Begun | undefined> {
  const { em } = transaction;
  if (!(await em.findOne(Message, { id, userId, role: 'user' }))) return undefined;
  const { conversationId, runId } = await ownMessage(em, userId, id);
  const position = { seq: await transaction.head(conversationStream(conversationId)) };
  return { duplicate: true, messageId: id, runId: runId ?? '', position };
}
