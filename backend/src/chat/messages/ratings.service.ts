import { Injectable } from '@nestjs/common';
import { ChatError, type Command, conversationStream } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { Principal } from '../../common/handlers/principal.js';
import { RATE } from './message.statements.js';
import { lockMessage } from '../conversations/ownership.js';

/** What readers think of replies. */
@Injectable()
export class RatingsService {
  constructor(private readonly log: EventLog) {}

  /**
   * Rates a reply, or takes the rating back; tabs are told of a change only.
   * @throws ChatError `not_found`, `bad_request` for a message that is no reply, `run_active` while it is being written
   */
  rate({ userId }: Principal, { messageId, rating }: Command<'message:rate'>): Promise<void> {
    return this.log.write(async (transaction) => {
      const { message } = await lockMessage(transaction, userId, messageId);
      if (message.role !== 'assistant') throw new ChatError('bad_request', 'messageId: names no reply');
      if (message.status === 'streaming') throw new ChatError('run_active', 'This reply is still being written.');
      if ((message.rating ?? null) === rating) return;
      await transaction.all(RATE, [messageId, rating]);
      transaction.append(conversationStream(message.conversationId), {
        type: 'message.rated',
        data: { messageId, rating },
      });
    });
  }
}
