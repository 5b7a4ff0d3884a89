import { LockMode } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import type { Command } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { Principal } from '../../common/handlers/principal.js';
import { User } from '../../users/user.entity.js';
import { writeDraft } from './drafts.js';
import { lockConversation } from '../conversations/ownership.js';

/** Stores unsent texts, so that they are shown on all devices of the user. The last write wins. */
@Injectable()
export class DraftsService {
  constructor(private readonly log: EventLog) {}

  /** Stores a draft, or removes it when the text is empty. @throws ChatError `not_found` for an unknown conversation */
  set({ userId }: Principal, { conversationId, text, origin }: Command<'draft:set'>): Promise<void> {
    return this.log.write(async (transaction) => {
      const { em } = transaction;
      // A lock on the draft itself is not enough for events in the order of the changes: it may have no row yet.
      if (conversationId !== null) await lockConversation(em, userId, conversationId);
      else await em.findOneOrFail(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      await writeDraft(transaction, { userId, conversationId }, { text, origin });
    });
  }
}
