import { Injectable } from '@nestjs/common';
import type { EntityManager } from '../database/database.js';
import type { ConversationState, StreamName } from '../protocol/index.js';
import type { TextOf } from '../streams/journal-tables.js';
import { type Reader, type StreamSource, StreamSources } from '../streams/stream-sources.js';
import { readWindow } from './branch.js';
import { viewConversation } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { readDraft } from './drafts.js';
import { readQueue, viewQueued } from './queue.js';

type Name = Extract<StreamName, { kind: 'conversation' }>;

/** `conversation:<id>`: its owner alone may read it. */
@Injectable()
export class ConversationStream implements StreamSource<Name> {
  constructor(sources: StreamSources) {
    sources.register('conversation', this);
  }

  async mayRead(em: EntityManager, { userId, role }: Reader, { id }: Name): Promise<boolean> {
    return role !== 'pending' && (await em.count(Conversation, { id, userId, deletedAt: null })) > 0;
  }

  async snapshot(em: EntityManager, { id }: Name, textOf: TextOf): Promise<ConversationState | undefined> {
    const conversation = await em.findOne(Conversation, { id, deletedAt: null });
    if (!conversation) return undefined;
    const page = await readWindow(em, id, conversation.leafId ?? null, textOf);
    const draft = await readDraft(em, { userId: conversation.userId, conversationId: id });
    const queue = (await readQueue(em, id)).map(viewQueued);
    return { conversation: viewConversation(conversation), ...page, queue, draft };
  }
}
