import { z } from 'zod';
import { uuid } from './ids.js';
import { plainText } from './texts.js';
import {
  adminUser,
  auditEntry,
  branchMessage,
  conversation,
  conversationSummary,
  draft,
  finalStatus,
  message,
  queuedMessage,
  rating,
  runError,
  usage,
  user,
} from './views.js';

/**
 * The branch in view after it changed to one that does not simply go on from the old leaf.
 * `ids` names the new window, oldest first; `messages` brings those that the old window did not hold.
 */
export const branch = z.object({ ids: z.array(uuid), messages: z.array(branchMessage), hasMore: z.boolean() });
export type Branch = z.infer<typeof branch>;

/** What a conversation's stream can carry. `offset` and `length` count UTF-16 units; `usage` is that of the run. */
export const conversationEvents = {
  'message.added': z.object({ message }),
  'run.started': z.object({ runId: uuid, messageId: uuid, attempt: z.int().positive(), model: z.string() }),
  'run.delta': z.object({ runId: uuid, messageId: uuid, offset: z.int().nonnegative(), text: z.string() }),
  'run.finished': z.object({
    runId: uuid,
    messageId: uuid,
    status: finalStatus,
    length: z.int().nonnegative(),
    usage: usage.optional(),
    error: runError.optional(),
  }),
  'message.rated': z.object({ messageId: uuid, rating: rating.nullable() }),
  'queue.added': z.object({ message: queuedMessage }),
  'queue.updated': z.object({ messageId: uuid, text: z.string() }),
  /** It was sent, and its `message.added` follows; or it was taken back. */
  'queue.removed': z.object({ messageId: uuid }),
  'draft.changed': draft,
  'conversation.updated': conversation.extend({ branch: branch.optional() }),
  'conversation.deleted': z.object({ id: uuid }),
  /** The deletion was undone: subscribe again. */
  'conversation.restored': z.object({ id: uuid }),
} as const;

export const userEvents = {
  'conversation.added': conversationSummary,
  'conversation.updated': conversationSummary,
  'conversation.deleted': z.object({ id: uuid }),
  /** Of the conversation that has not begun. */
  'draft.changed': draft,
  'user.updated': user,
  'session.ended': z.object({ sessionId: uuid }),
} as const;

export const adminEvents = {
  'user.added': adminUser,
  'user.updated': adminUser,
  'presence.changed': z.object({ userId: uuid, online: z.boolean(), lastSeenAt: z.int().nonnegative() }),
  'audit.added': auditEntry,
} as const;

type EventOf<Schemas extends Record<string, z.ZodType>> = {
  [Type in keyof Schemas & string]: { readonly type: Type; readonly data: z.infer<Schemas[Type]> };
}[keyof Schemas & string];

export type ConversationEvent = EventOf<typeof conversationEvents>;
export type UserEvent = EventOf<typeof userEvents>;
export type AdminEvent = EventOf<typeof adminEvents>;
export type ChatEvent = ConversationEvent | UserEvent | AdminEvent;

/** One entry of a stream. `seq` counts from 1 without holes (`L1`); `at` is in milliseconds since 1970, UTC. */
export interface StreamEvent<Event extends ChatEvent = ChatEvent> {
  readonly seq: number;
  readonly type: Event['type'];
  readonly at: number;
  readonly data: Event['data'];
}

/** Events of one stream in order of `seq`, without holes. */
export interface StreamEvents {
  readonly stream: string;
  readonly epoch: string;
  readonly events: readonly StreamEvent[];
}

/** Where a reader stands: all events up to `seq` in the life `epoch` of the database are applied. */
export const cursor = z.strictObject({ epoch: plainText.max(100), seq: z.int().nonnegative() });
export type Cursor = z.infer<typeof cursor>;
