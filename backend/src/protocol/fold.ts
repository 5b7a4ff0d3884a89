import type { AdminEvent, ConversationEvent, UserEvent } from './events.js';
import { windowStart } from './message-window.js';
import { addUsage, NO_USAGE } from './usage.js';
import type { AdminState, BranchMessage, ConversationState, ConversationSummary, Message, UserState } from './views.js';

/**
 * The state of a conversation in a client: its contents, or `deleted`.
 * The folds below are pure: they return a new state, which shares its unchanged parts with the old one.
 */
export type ConversationView = ConversationState | 'deleted';

type RunEvent<Type extends 'run.delta' | 'run.finished'> = Extract<ConversationEvent, { type: Type }>['data'];

/** An event does not fit the state: the reader has missed an event and must subscribe again without a cursor. */
export class FoldMismatch extends Error {
  override readonly name = 'FoldMismatch';
}

/**
 * Applies one event of a conversation's stream.
 *
 * Rule `L4`: a snapshot at n with the events n+1..m applied equals a fresh snapshot at m.
 * @throws FoldMismatch when a delta or the end of a run does not fit the text so far, when a branch has a message that
 * is not known, and when a deletion was undone
 */
export function foldConversation(view: ConversationView, event: ConversationEvent): ConversationView {
  if (event.type === 'conversation.restored') throw new FoldMismatch('the deleted conversation was restored');
  if (view === 'deleted') return view;
  switch (event.type) {
    case 'message.added':
      return addMessage(view, event.data.message);
    case 'run.started':
      // A continued reply may have the error of its previous run.
      return changeMessage(view, event.data.messageId, ({ error: _past, ...message }) => ({
        ...message,
        status: 'streaming',
        runId: event.data.runId,
        model: event.data.model,
      }));
    case 'run.delta':
      return addText(view, event.data);
    case 'run.finished':
      return finishRun(view, event.data);
    case 'message.rated':
      return changeMessage(view, event.data.messageId, ({ rating: _past, ...message }) => ({
        ...message,
        ...(event.data.rating && { rating: event.data.rating }),
      }));
    case 'queue.added':
      return { ...view, queue: [...view.queue, event.data.message] };
    case 'queue.updated': {
      const { messageId, text } = event.data;
      return { ...view, queue: view.queue.map((queued) => (queued.id === messageId ? { ...queued, text } : queued)) };
    }
    case 'queue.removed':
      return { ...view, queue: view.queue.filter(({ id }) => id !== event.data.messageId) };
    case 'draft.changed':
      return { ...view, draft: event.data.text === '' ? null : event.data };
    case 'conversation.updated': {
      const { branch, ...conversation } = event.data;
      if (!branch) return { ...view, conversation };
      const known = new Map(view.messages.map((message) => [message.id, message]));
      for (const message of branch.messages) known.set(message.id, message);
      const messages = branch.ids.flatMap((id) => known.get(id) ?? []);
      if (messages.length !== branch.ids.length) throw new FoldMismatch('the new branch contains unknown messages');
      return { ...view, conversation, messages, hasMore: branch.hasMore };
    }
    case 'conversation.deleted':
      return 'deleted';
  }
}

/** A message on another branch changes nothing here: `conversation.updated` brings the branch once it is in view. */
function addMessage(view: ConversationState, message: Message): ConversationState {
  if (message.parentId !== view.conversation.leafId) return view;
  return withinWindow({
    ...view,
    conversation: { ...view.conversation, leafId: message.id, updatedAt: message.createdAt },
    messages: [...view.messages, { ...message, siblingIds: [message.id] }],
  });
}

function addText(view: ConversationState, delta: RunEvent<'run.delta'>): ConversationState {
  const changed = changeMessage(view, delta.messageId, (message) => {
    if (message.text.length !== delta.offset) {
      throw new FoldMismatch(`text of ${message.text.length} units, delta at ${delta.offset}`);
    }
    return { ...message, text: message.text + delta.text };
  });
  return withinWindow(changed);
}

function finishRun(view: ConversationState, end: RunEvent<'run.finished'>): ConversationState {
  const { status, length, usage, error } = end;
  const changed = changeMessage(view, end.messageId, (message) => {
    if (message.text.length !== length) {
      throw new FoldMismatch(`text of ${message.text.length} units, finished at ${length}`);
    }
    return {
      ...message,
      status,
      ...(usage && { usage: addUsage(message.usage ?? NO_USAGE, usage) }),
      ...(error && { error }),
    };
  });
  if (!usage) return changed;
  const { conversation } = changed;
  return { ...changed, conversation: { ...conversation, usage: addUsage(conversation.usage, usage) } };
}

function withinWindow(view: ConversationState): ConversationState {
  const start = windowStart(view.messages);
  return start === 0 ? view : { ...view, messages: view.messages.slice(start), hasMore: true };
}

function changeMessage(
  view: ConversationState,
  id: string,
  change: (message: BranchMessage) => BranchMessage,
): ConversationState {
  // Most changes are deltas, and the streaming reply is the last message: search from the end.
  const at = view.messages.findLastIndex((message) => message.id === id);
  const message = view.messages[at];
  if (!message) return view;
  return { ...view, messages: view.messages.with(at, change(message)) };
}

/** The order of the sidebar: pinned first, then the most recently used; equal times are ordered by id. */
export const bySidebarOrder = (a: ConversationSummary, b: ConversationSummary): number =>
  Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1);

/** Applies one event of a user's stream; rule `L4` holds as above. */
export function foldUser(view: UserState, event: UserEvent): UserState {
  switch (event.type) {
    case 'conversation.added':
    case 'conversation.updated': {
      const others = view.conversations.filter(({ id }) => id !== event.data.id);
      return { ...view, conversations: [...others, event.data].sort(bySidebarOrder) };
    }
    case 'conversation.deleted':
      return { ...view, conversations: view.conversations.filter(({ id }) => id !== event.data.id) };
    case 'draft.changed':
      return { ...view, draft: event.data.text === '' ? null : event.data };
    case 'user.updated':
      return { ...view, user: event.data };
    case 'session.ended':
    case 'identities.changed':
    case 'models.changed':
    case 'budget.changed':
    case 'token.added':
    case 'token.ended':
    case 'token.used':
    case 'webhook.changed':
    case 'webhook.removed':
    case 'webhook.delivery':
    case 'user.deleted':
      return view;
    case 'announcement.dismissed': {
      const others = view.dismissed.filter((id) => id !== event.data.id);
      return { ...view, dismissed: [...others, event.data.id].sort() };
    }
  }
}

/** Applies one event of the admins' stream; the users and the audit themselves are read over HTTP. */
export function foldAdmin(view: AdminState, event: AdminEvent): AdminState {
  if (event.type !== 'presence.changed') return view;
  const others = view.online.filter((id) => id !== event.data.userId);
  return { online: event.data.online ? [...others, event.data.userId].sort() : others };
}
