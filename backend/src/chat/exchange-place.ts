import { ChatError, type ConversationSettings, conversationStream } from '../protocol/index.js';
import type { LogTransaction } from '../streams/log-transaction.js';
import { User } from '../users/user.entity.js';
import { Conversation } from './conversation.entity.js';
import { Message } from './message.entity.js';
import { lockConversation, notFound, ownMessage } from './ownership.js';
import { provisionalTitle } from './provisional-title.js';

/** What is asked, and where in the tree the answer belongs. */
export type Question =
  | {
      readonly kind: 'send';
      readonly conversationId: string;
      readonly text: string;
      readonly parentId: string | undefined;
      /** Of the conversation, where it begins here. */
      readonly settings?: ConversationSettings | undefined;
      /** Rather than being refused while the conversation is being answered. */
      readonly mayWait: boolean;
    }
  | { readonly kind: 'edit'; readonly messageId: string; readonly text: string }
  | { readonly kind: 'regenerate'; readonly messageId: string };

/** Where in the tree an exchange goes. */
export interface Place {
  readonly conversation: Conversation;
  readonly parentId: string | null;
  /** Missing when a question that stands already is answered anew. */
  readonly text?: string;
  readonly isNew: boolean;
}

/**
 * Finds the place under the conversation's lock, and makes the conversation where it begins there.
 * @throws ChatError `not_found`, or `bad_request` when the message is of the wrong kind
 */
export async function findPlace(transaction: LogTransaction, userId: string, question: Question): Promise<Place> {
  const { em } = transaction;
  if (question.kind === 'send') return placeOfSending(transaction, userId, question);
  const message = await ownMessage(em, userId, question.messageId);
  const conversation = await lockConversation(em, userId, message.conversationId);
  const isOwnText = message.role === 'user';
  if (isOwnText !== (question.kind === 'edit')) {
    const sentence = isOwnText ? 'messageId: names no reply' : 'messageId: names no message of yours';
    throw new ChatError('bad_request', sentence);
  }
  const place = { conversation, parentId: message.parentId ?? null, isNew: false };
  return question.kind === 'edit' ? { ...place, text: question.text } : place;
}

async function placeOfSending(
  transaction: LogTransaction,
  userId: string,
  { conversationId, text, parentId, settings }: Extract<Question, { kind: 'send' }>,
): Promise<Place> {
  const { em, at } = transaction;
  const existing = await em.findOne(Conversation, { id: conversationId });
  if (!existing) {
    // A stream without a conversation: it was deleted, and a message that was under way must not bring it back.
    if ((await transaction.head(conversationStream(conversationId))) > 0 || parentId !== undefined)
      throw notFound('conversation');
    // The client makes the id, and a draft's place is a conversation or a person: none must pass for somebody else.
    if ((await em.count(User, { id: conversationId })) > 0) throw notFound('conversation');
    const conversation = em.create(Conversation, {
      id: conversationId,
      userId,
      title: provisionalTitle(text),
      titleSource: 'message',
      pinned: false,
      archived: false,
      leafId: null,
      settings: settings ?? {},
      inputTokens: 0,
      outputTokens: 0,
      costMicros: null,
      usageEstimated: false,
      deletedAt: null,
      createdAt: at,
      updatedAt: at,
    });
    return { conversation, parentId: null, text, isNew: true };
  }
  const conversation = await lockConversation(em, userId, conversationId);
  if (parentId === undefined) return { conversation, parentId: conversation.leafId ?? null, text, isNew: false };
  const parent = await em.findOne(Message, { id: parentId, conversationId });
  if (!parent) throw notFound('message');
  if (parent.role !== 'assistant') throw new ChatError('bad_request', 'parentId: names no reply');
  return { conversation, parentId, text, isNew: false };
}
