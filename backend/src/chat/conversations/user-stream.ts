import { Injectable } from '@nestjs/common';
import { toBoolean, toNumber } from '../../database/sql/sql-values.js';
import type { SqlRow } from '../../database/sql/statement.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import { LanguageModel } from '../../models/language-model.js';
import { bySidebarOrder, type ConversationSummary, type StreamName, type UserState } from '../../protocol/index.js';
import { type Reader, type StreamSource, StreamSources } from '../../streams/log/stream-sources.js';
import { readDismissed } from '../../team/announcements/announcement-rows.js';
import { readUser } from '../../users/user-row.js';
import { viewSummary } from '../chat.views.js';
import { readDraft } from '../drafts/drafts.js';
import { READ_SIDEBAR } from '../messages/snapshot.statements.js';

type Name = Extract<StreamName, { kind: 'user' }>;

/** The number of conversations in a snapshot. */
const SIDEBAR_WINDOW = 500;

/** The source of `user:<id>`: the user, in any role, and the list of their conversations. */
@Injectable()
export class UserStream implements StreamSource<Name> {
  constructor(
    sources: StreamSources,
    private readonly model: LanguageModel,
  ) {
    sources.register('user', this);
  }

  mayRead(_transaction: RunsStatements, { userId }: Reader, { id }: Name): Promise<boolean> {
    return Promise.resolve(userId === id);
  }

  async snapshot(transaction: RunsStatements, { id }: Name): Promise<UserState | undefined> {
    // The user has just opened the page, and may send a message soon.
    this.model.prepare();
    const user = await readUser(transaction, id);
    if (!user) return undefined;
    const rows = await transaction.all(READ_SIDEBAR, [id, SIDEBAR_WINDOW + 1]);
    const draft = await readDraft(transaction, { userId: id, conversationId: null });
    const conversations = rows.slice(0, SIDEBAR_WINDOW).map(summaryOf).sort(bySidebarOrder);
    const dismissed = await readDismissed(transaction, id);
    return { user, conversations, hasMore: rows.length > SIDEBAR_WINDOW, draft, dismissed };
  }
}

const summaryOf = (row: SqlRow): ConversationSummary =>
  viewSummary(
    {
      id: row['id'] as string,
      title: row['title'] as string,
      pinned: toBoolean(row['pinned']),
      archived: toBoolean(row['archived']),
      leafId: row['leaf_id'] as string | null,
      createdAt: toNumber(row['created_at']),
      updatedAt: toNumber(row['updated_at']),
    },
    toBoolean(row['running']),
  );
