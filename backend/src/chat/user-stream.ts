import { Injectable } from '@nestjs/common';
import type { EntityManager } from '../database/database.js';
import { bySidebarOrder, type StreamName, type UserState } from '../protocol/index.js';
import { type Reader, type StreamSource, StreamSources } from '../streams/stream-sources.js';
import { User } from '../users/user.entity.js';
import { viewUser } from '../users/user.views.js';
import { viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { readDraft } from './drafts.js';
import { runningConversations } from './conversation-search.js';

type Name = Extract<StreamName, { kind: 'user' }>;

/** How many conversations the sidebar is given at once. */
const SIDEBAR_WINDOW = 500;

/** `user:<id>`: the person, in any role, and the list of their conversations. */
@Injectable()
export class UserStream implements StreamSource<Name> {
  constructor(sources: StreamSources) {
    sources.register('user', this);
  }

  mayRead(_em: EntityManager, { userId }: Reader, { id }: Name): Promise<boolean> {
    return Promise.resolve(userId === id);
  }

  async snapshot(em: EntityManager, { id }: Name): Promise<UserState | undefined> {
    const user = await em.findOne(User, { id });
    if (!user) return undefined;
    const found = await em.find(
      Conversation,
      { userId: id, deletedAt: null },
      { orderBy: { updatedAt: 'desc', id: 'desc' }, limit: SIDEBAR_WINDOW + 1 },
    );
    const draft = await readDraft(em, { userId: id, conversationId: null });
    const running = await runningConversations(em, id);
    const conversations = found
      .slice(0, SIDEBAR_WINDOW)
      .map((conversation) => viewSummary(conversation, running.has(conversation.id)))
      .sort(bySidebarOrder);
    return { user: viewUser(user), conversations, hasMore: found.length > SIDEBAR_WINDOW, draft };
  }
}
