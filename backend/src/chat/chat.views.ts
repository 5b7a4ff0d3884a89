import {
  addUsage,
  type Conversation as ConversationView,
  type ConversationSummary,
  type Message as MessageView,
  type Usage,
} from '../protocol/index.js';
import type { Conversation } from './conversations/conversation.entity.js';
import type { Message } from './messages/message.entity.js';

type SummaryColumns = Pick<Conversation, 'id' | 'title' | 'pinned' | 'archived' | 'leafId' | 'createdAt' | 'updatedAt'>;
type ConversationColumns = SummaryColumns & Pick<Conversation, 'settings'> & UsageColumns;
type MessageColumns = Pick<
  Message,
  | 'id'
  | 'parentId'
  | 'role'
  | 'text'
  | 'status'
  | 'model'
  | 'runId'
  | 'clientMessageId'
  | 'rating'
  | 'errorCode'
  | 'requestId'
  | 'createdAt'
> &
  UsageColumns;

/** A conversation as its owner sees it. */
export function viewConversation(conversation: ConversationColumns): ConversationView {
  const { id, title, pinned, archived, leafId, createdAt, updatedAt } = conversation;
  return {
    id,
    title,
    pinned,
    archived,
    leafId: leafId ?? null,
    settings: conversation.settings,
    usage: viewUsage(conversation),
    createdAt,
    updatedAt,
  };
}

/** A line of the sidebar. */
export function viewSummary(conversation: SummaryColumns, running: boolean): ConversationSummary {
  const { id, title, pinned, archived, leafId, createdAt, updatedAt } = conversation;
  return { id, title, pinned, archived, leafId: leafId ?? null, createdAt, updatedAt, running };
}

/** A message as its owner sees it. `text` replaces the stored text, for a reply that is still streaming. */
export function viewMessage(message: MessageColumns, text = message.text): MessageView {
  const isReply = message.role === 'assistant';
  return {
    id: message.id,
    parentId: message.parentId ?? null,
    role: message.role,
    text,
    status: message.status,
    ...(isReply && message.model && { model: message.model }),
    ...(isReply && message.runId && { runId: message.runId }),
    ...(message.clientMessageId && { clientMessageId: message.clientMessageId }),
    ...(message.inputTokens !== null && message.inputTokens !== undefined && { usage: viewUsage(message) }),
    ...(message.rating && { rating: message.rating }),
    ...(message.errorCode && { error: { code: message.errorCode, requestId: message.requestId ?? '' } }),
    createdAt: message.createdAt,
  };
}

/** The usage columns of a conversation or a message. */
interface UsageColumns {
  inputTokens?: number | null | undefined;
  outputTokens?: number | null | undefined;
  costMicros?: number | null | undefined;
  usageEstimated?: boolean | null | undefined;
}

function viewUsage({ inputTokens, outputTokens, costMicros, usageEstimated }: UsageColumns): Usage {
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(costMicros !== null && costMicros !== undefined && { costMicros }),
    ...(usageEstimated && { estimated: true }),
  };
}

/** Adds the usage of a run to the columns of its message or conversation. */
export function countUsage(columns: UsageColumns, used: Usage): void {
  const sum = addUsage(viewUsage(columns), used);
  columns.inputTokens = sum.inputTokens;
  columns.outputTokens = sum.outputTokens;
  columns.costMicros = sum.costMicros ?? null;
  columns.usageEstimated = sum.estimated ?? false;
}
