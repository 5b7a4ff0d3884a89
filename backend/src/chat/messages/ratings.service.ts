import { Injectable } from '@nestjs/common';
import { ChatError, type Command, conversationStream } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { Principal } from '../../common/handlers/principal.js';
import { RATE } from './message.statements.js';
import { lockMessage } from '../conversations/ownership.js';

/** Stores the ratings of replies. */
@Injectable()
export class RatingsService {
  constructor(private readonly log: EventLog) {}

  /**
   * Rates a reply, or removes the rating (`null`). Without a real change there is no event.
   * @throws ChatError `not_found`, `bad_request` for a message that is not a reply, `run_active` while it is streaming
   */
  rate({ userId }: Principal, { messageId, rating }: Command<'message:rate'>): Promise<void> {
    return this.log.write(async (transaction) => {
      const { message } = await lockMessage(transaction, userId, messageId);
      if (message.role !== 'assistant') throw new ChatError('bad_request', 'messageId: is not a reply');
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
