import { Injectable } from '@nestjs/common';
import { toNumber } from '../../database/sql/sql-values.js';
import type { SqlRow } from '../../database/sql/statement.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import type { ConversationState, StreamName } from '../../protocol/index.js';
import type { TextOf } from '../../streams/journal/journal-tables.js';
import { type Reader, type StreamSource, StreamSources } from '../../streams/log/stream-sources.js';
import { readWindow } from '../messages/branch.js';
import { viewConversation } from '../chat.views.js';
import { conversationOf } from './conversation-row.js';
import { readDraft } from '../drafts/drafts.js';
import { viewQueued } from '../queue/queue.js';
import { IS_OWN_CONVERSATION, READ_CONVERSATION, READ_WAITING } from '../messages/snapshot.statements.js';

type Name = Extract<StreamName, { kind: 'conversation' }>;

/** The source of `conversation:<id>`, which only the owner of the conversation may read. */
@Injectable()
export class ConversationStream implements StreamSource<Name> {
  constructor(sources: StreamSources) {
    sources.register('conversation', this);
  }

  async mayRead(transaction: RunsStatements, { userId, role }: Reader, { id }: Name): Promise<boolean> {
    return role !== 'pending' && (await transaction.all(IS_OWN_CONVERSATION, [id, userId])).length > 0;
  }

  async snapshot(transaction: RunsStatements, { id }: Name, textOf: TextOf): Promise<ConversationState | undefined> {
    const [row] = await transaction.all(READ_CONVERSATION, [id]);
    if (!row) return undefined;
    const conversation = conversationOf(row);
    const page = await readWindow(transaction, id, conversation.leafId, textOf);
    const draft = await readDraft(transaction, { userId: conversation.userId, conversationId: id });
    const queue = (await transaction.all(READ_WAITING, [id])).map(queuedOf).map(viewQueued);
    return { conversation: viewConversation(conversation), ...page, queue, draft };
  }
}

const queuedOf = (row: SqlRow): Parameters<typeof viewQueued>[0] => ({
  id: row['id'] as string,
  clientMessageId: row['client_message_id'] as string,
  text: row['text'] as string,
  model: row['model'] as string | null,
  createdAt: toNumber(row['created_at']),
});
