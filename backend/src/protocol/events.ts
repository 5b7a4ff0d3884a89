import { z } from 'zod';
import { uuid } from './ids.js';
import { runsChange } from './team/activity.js';
import { invitation } from './people/invitations.js';
import { adminAnnouncement, announcement } from './team/announcements.js';
import { personBudget, roleBudget } from './team/budgets.js';
import { logLevelState } from './team/log-level.js';
import { adminModel } from './team/model-access.js';
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
  personalToken,
  queuedMessage,
  rating,
  runError,
  usage,
  user,
} from './views.js';
import { webhook, webhookDelivery } from './webhooks/webhooks.js';

/**
 * The branch in view after a change that is more than a new message at the end of the old one.
 * `ids` lists the messages of the new window, oldest first; `messages` has those that the old window did not contain.
 */
export const branch = z.object({ ids: z.array(uuid), messages: z.array(branchMessage), hasMore: z.boolean() });
export type Branch = z.infer<typeof branch>;

/**
 * The events of a conversation's stream, by type. `offset` is the length of the message's text before the delta,
 * `length` that of its whole text at the end of the run, both in UTF-16 units; `usage` counts this run only.
 */
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
  /** The message was sent (its `message.added` follows) or removed from the queue. */
  'queue.removed': z.object({ messageId: uuid }),
  'draft.changed': draft,
  'conversation.updated': conversation.extend({ branch: branch.optional() }),
  'conversation.deleted': z.object({ id: uuid }),
  /** The deletion was undone: the client has to subscribe again. */
  'conversation.restored': z.object({ id: uuid }),
} as const;

const nothing = z.object({});

/** Of webhooks: in the stream of their user, or of admins if they are for everybody. */
const webhookEvents = {
  /** It was added or changed. */
  'webhook.changed': webhook,
  'webhook.removed': z.object({ webhookId: uuid }),
  /** A delivery was attempted, tried again by a user, or given up. */
  'webhook.delivery': webhookDelivery,
} as const;

/** The events of a user's stream, by type. */
export const userEvents = {
  'conversation.added': conversationSummary,
  'conversation.updated': conversationSummary,
  'conversation.deleted': z.object({ id: uuid }),
  /** The draft of a new conversation, which has no id yet. */
  'draft.changed': draft,
  'user.updated': user,
  /** The account is being deleted. The sessions end with it, and nothing follows. */
  'user.deleted': z.object({ id: uuid }),
  'session.ended': z.object({ sessionId: uuid }),
  /** A way to sign in was linked or removed. */
  'identities.changed': z.object({}),
  'token.added': personalToken,
  'token.ended': z.object({ tokenId: uuid }),
  /** At most once a minute for each token. */
  'token.used': z.object({ tokenId: uuid, lastUsedAt: z.int().nonnegative() }),
  ...webhookEvents,
  /** The user has closed an announcement, in any tab. */
  'announcement.dismissed': z.object({ id: uuid }),
  /** The models that the user may use have changed: they are read over HTTP. */
  'models.changed': nothing,
  /** The user's budget, or what is left of it, has changed: it is read over HTTP. */
  'budget.changed': nothing,
} as const;

/** The events of the stream of a role, by type. */
export const teamEvents = {
  'announcement.added': announcement,
  'announcement.withdrawn': z.object({ id: uuid }),
  /** The models that the role may use have changed: they are read over HTTP. */
  'models.changed': nothing,
  /** The budget of the role has changed: it is read over HTTP. */
  'budget.changed': nothing,
} as const;

/** The events of the admins' stream, by type; `lastSeenAt` is in milliseconds since 1970, UTC. */
export const adminEvents = {
  'user.added': adminUser,
  'user.updated': adminUser,
  'user.deleted': z.object({ id: uuid }),
  'presence.changed': z.object({ userId: uuid, online: z.boolean(), lastSeenAt: z.int().nonnegative() }),
  /** The number of open tabs has changed, of all processes; at most once a second from each process. */
  'connections.changed': z.object({ users: z.int().nonnegative(), sockets: z.int().nonnegative() }),
  'audit.added': auditEntry,
  /** The sessions, ways to sign in or access tokens of a user have changed: they are read over HTTP. */
  'account.changed': z.object({ userId: uuid }),
  'invitation.added': invitation,
  /** It was withdrawn, or used at the first sign-in. */
  'invitation.ended': z.object({ id: uuid }),
  'announcement.added': adminAnnouncement,
  'announcement.withdrawn': adminAnnouncement,
  'model.updated': adminModel,
  'logging.changed': logLevelState,
  ...webhookEvents,
  'runs.changed': runsChange,
  /** The budget of a role or a person was set or removed. */
  'budget.set': z.union([roleBudget, personBudget]),
} as const;

type EventOf<Schemas extends Record<string, z.ZodType>> = {
  [Type in keyof Schemas & string]: { readonly type: Type; readonly data: z.infer<Schemas[Type]> };
}[keyof Schemas & string];

export type ConversationEvent = EventOf<typeof conversationEvents>;
export type UserEvent = EventOf<typeof userEvents>;
export type TeamEvent = EventOf<typeof teamEvents>;
export type AdminEvent = EventOf<typeof adminEvents>;
export type ChatEvent = ConversationEvent | UserEvent | TeamEvent | AdminEvent;

/** An event of a stream. `seq` counts from 1 without gaps (`L1`); `at` is in milliseconds since 1970, UTC. */
export interface StreamEvent<Event extends ChatEvent = ChatEvent> {
  readonly seq: number;
  readonly type: Event['type'];
  readonly at: number;
  readonly data: Event['data'];
}

/** Consecutive events of one stream, in the order of `seq`. */
export interface StreamEvents {
  readonly stream: string;
  readonly epoch: string;
  readonly events: readonly StreamEvent[];
}

/**
 * The position of a reader in a stream: it has applied all events up to `seq`. `epoch` names the state of the database
 * that the numbers belong to; restoring a backup starts a new epoch.
 */
export const cursor = z.strictObject({ epoch: plainText.max(100), seq: z.int().nonnegative() });
export type Cursor = z.infer<typeof cursor>;
