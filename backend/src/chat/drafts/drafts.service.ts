import { LockMode } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import type { Command } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { Principal } from '../../common/handlers/principal.js';
import { User } from '../../users/user.entity.js';
import { writeDraft } from './drafts.js';
import { lockConversation } from '../conversations/ownership.js';

/** What people have typed and not sent, so that it follows them to another device. The last one to write wins. */
@Injectable()
export class DraftsService {
  constructor(private readonly log: EventLog) {}

  /** @throws ChatError `not_found` for a conversation that is not there */
  set({ userId }: Principal, { conversationId, text, origin }: Command<'draft:set'>): Promise<void> {
    return this.log.write(async (transaction) => {
      const { em } = transaction;
      // What the events say must be in the order of the changes, also where there is no row yet.
      if (conversationId !== null) await lockConversation(em, userId, conversationId);
      else await em.findOneOrFail(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      await writeDraft(transaction, { userId, conversationId }, { text, origin });
    });
  }
}
