import type { AdminEvent, ConversationEvent, UserEvent } from './events.js';
import {
  type AdminState,
  type BranchMessage,
  type ConversationState,
  type ConversationSummary,
  type Message,
  MESSAGE_WINDOW,
  type UserState,
} from './views.js';

/**
 * What became of a conversation: open and readable, or deleted.
 * The folds below are pure: they return a new state and share what did not change.
 */
export type ConversationView = ConversationState | 'deleted';

/** A delta did not join the text that is there: the reader has missed something and must subscribe again. */
export class FoldMismatch extends Error {
  override readonly name = 'FoldMismatch';
}

/**
 * Applies one event of a conversation's stream.
 *
 * Law `L4`: a snapshot at n with the events n+1..m applied equals a fresh snapshot at m.
 * @throws FoldMismatch when a delta or a run's end does not fit the text so far.
 */
export function foldConversation(view: ConversationView, event: ConversationEvent): ConversationView {
  if (view === 'deleted') return view;
  switch (event.type) {
    case 'message.added':
      return addMessage(view, event.data.message);
    case 'run.started':
      return changeMessage(view, event.data.messageId, (message) => ({
        ...message,
        status: 'streaming',
        runId: event.data.runId,
        model: event.data.model,
      }));
    case 'run.delta':
      return changeMessage(view, event.data.messageId, (message) => {
        if (message.text.length !== event.data.offset) {
          throw new FoldMismatch(`text of ${message.text.length} units, delta at ${event.data.offset}`);
        }
        return { ...message, text: message.text + event.data.text };
      });
    case 'run.finished':
      return changeMessage(view, event.data.messageId, (message) => {
        const { status, length, usage, error } = event.data;
        if (message.text.length !== length) {
          throw new FoldMismatch(`text of ${message.text.length} units, finished at ${length}`);
        }
        return { ...message, status, ...(usage && { usage }), ...(error && { error }) };
      });
    case 'conversation.updated': {
      const { branch, ...conversation } = event.data;
      if (!branch) return { ...view, conversation };
      const known = new Map(view.messages.map((message) => [message.id, message]));
      for (const message of branch.messages) known.set(message.id, message);
      const messages = branch.ids.flatMap((id) => known.get(id) ?? []);
      if (messages.length !== branch.ids.length) throw new FoldMismatch('the new branch names unknown messages');
      return { conversation, messages, hasMore: branch.hasMore };
    }
    case 'conversation.deleted':
      return 'deleted';
  }
}

/** A message that does not continue the branch in view changes nothing: a `branch` follows when it comes into view. */
function addMessage(view: ConversationState, message: Message): ConversationState {
  if (message.parentId !== view.conversation.leafId) return view;
  const messages = [...view.messages, { ...message, siblingIds: [message.id] }];
  const surplus = Math.max(0, messages.length - MESSAGE_WINDOW);
  return {
    conversation: { ...view.conversation, leafId: message.id, updatedAt: message.createdAt },
    messages: surplus > 0 ? messages.slice(surplus) : messages,
    hasMore: view.hasMore || surplus > 0,
  };
}

function changeMessage(
  view: ConversationState,
  id: string,
  change: (message: BranchMessage) => BranchMessage,
): ConversationState {
  // The reply in progress stands at the end: look there first.
  const at = view.messages.findLastIndex((message) => message.id === id);
  const message = view.messages[at];
  if (!message) return view;
  return { ...view, messages: view.messages.with(at, change(message)) };
}

/** Pinned first, then the most recently used. */
export const bySidebarOrder = (a: ConversationSummary, b: ConversationSummary): number =>
  Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1);

/** Applies one event of a user's stream; `L4` as above. */
export function foldUser(view: UserState, event: UserEvent): UserState {
  switch (event.type) {
    case 'conversation.added':
    case 'conversation.updated': {
      const others = view.conversations.filter(({ id }) => id !== event.data.id);
      return { ...view, conversations: [...others, event.data].sort(bySidebarOrder) };
    }
    case 'conversation.deleted':
      return { ...view, conversations: view.conversations.filter(({ id }) => id !== event.data.id) };
    case 'user.updated':
      return { ...view, user: event.data };
    case 'session.ended':
      return view;
  }
}

/** Applies one event of the admins' stream. */
export function foldAdmin(view: AdminState, event: AdminEvent): AdminState {
  if (event.type !== 'presence.changed') return view;
  const others = view.online.filter((id) => id !== event.data.userId);
  return { online: event.data.online ? [...others, event.data.userId].sort() : others };
}
