import type {
  Conversation as ConversationView,
  ConversationSummary,
  Message as MessageView,
} from '../protocol/index.js';
import type { Conversation } from './conversation.entity.js';
import type { Message } from './message.entity.js';

/** What its owner sees of a conversation. */
export function viewConversation(conversation: Conversation): ConversationView {
  const { id, title, pinned, archived, leafId, createdAt, updatedAt } = conversation;
  return { id, title, pinned, archived, leafId: leafId ?? null, createdAt, updatedAt };
}

/** A line of the sidebar. */
export function viewSummary(conversation: Conversation, running: boolean): ConversationSummary {
  return { ...viewConversation(conversation), running };
}

/** What its owner sees of a message; `text` is given for a reply that still streams. */
export function viewMessage(message: Message, text = message.text): MessageView {
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
    ...viewUsage(message),
    ...(message.errorCode && { error: { code: message.errorCode, requestId: message.requestId ?? '' } }),
    createdAt: message.createdAt,
  };
}

function viewUsage({ inputTokens, outputTokens }: Message): Pick<MessageView, 'usage'> {
  if (inputTokens === null || inputTokens === undefined) return {};
  return { usage: { inputTokens, outputTokens: outputTokens ?? 0 } };
}
