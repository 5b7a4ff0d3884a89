import { z } from 'zod';
import { RUN_ERROR_CODES } from './errors.js';
import { uuid } from './ids.js';
import { modelId, plainText } from './texts.js';

/** A moment: milliseconds since 1970-01-01 UTC. */
const instant = z.int().nonnegative();

export const ROLES = ['pending', 'user', 'admin'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** What a person sets for themselves; every key may be missing. */
export const preferences = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).optional(),
  language: plainText.max(35).optional(),
  model: plainText.max(200).optional(),
  /** A notification of the system when a reply ends in a conversation that is not looked at. */
  notifications: z.boolean().optional(),
  /** A screen reader is given each sentence of a reply as it is finished, not only the news that one is coming. */
  readReplies: z.boolean().optional(),
});
export type Preferences = z.infer<typeof preferences>;

export const user = z.object({
  id: uuid,
  email: z.string(),
  name: z.string(),
  picture: z.string().nullable(),
  role,
  preferences,
});
export type User = z.infer<typeof user>;

/** A user as an admin sees it. */
export const adminUser = user.extend({
  disabled: z.boolean(),
  online: z.boolean(),
  createdAt: instant,
  lastSeenAt: instant.nullable(),
});
export type AdminUser = z.infer<typeof adminUser>;

export const auditEntry = z.object({
  id: uuid,
  at: instant,
  /** Who did it; `null` for the command line, the configuration, and whoever is not signed in. */
  actorId: uuid.nullable(),
  actorEmail: z.string().nullable(),
  action: z.string(),
  targetId: uuid.nullable(),
  targetEmail: z.string().nullable(),
  /** Where it came from; `null` for the command line, and for what is older than these two. */
  address: z.string().nullable(),
  requestId: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const MAX_SYSTEM_PROMPT_LENGTH = 8_000;

/** How the replies of one conversation are asked for; a missing key leaves it to the installation. */
export const conversationSettings = z.strictObject({
  model: modelId.optional(),
  /** Takes the place of the installation's own, in UTF-16 units. */
  systemPrompt: plainText.max(MAX_SYSTEM_PROMPT_LENGTH).optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  maxOutputTokens: z.int().min(1).max(1_000_000).optional(),
});
export type ConversationSettings = z.infer<typeof conversationSettings>;

/**
 * Tokens as the provider counts them, and what they cost.
 * `costMicros` is in millionths of the configured currency; it is missing where no price is known.
 */
export const usage = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  costMicros: z.int().nonnegative().optional(),
  /** The provider did not say, at least for a part: counted by Lockstep itself. */
  estimated: z.literal(true).optional(),
});
export type Usage = z.infer<typeof usage>;

export const conversation = z.object({
  id: uuid,
  /** The beginning of the first message, until the model has made a better one or the owner has typed one. */
  title: z.string(),
  pinned: z.boolean(),
  archived: z.boolean(),
  /** The last message of the branch in view. */
  leafId: uuid.nullable(),
  settings: conversationSettings,
  /** All replies that were ever asked for in it, on every branch. */
  usage,
  createdAt: instant,
  /** The last message was sent or answered then; renaming does not move it. */
  updatedAt: instant,
});
export type Conversation = z.infer<typeof conversation>;

/** A line of the sidebar. */
export const conversationSummary = conversation.omit({ settings: true, usage: true }).extend({ running: z.boolean() });
export type ConversationSummary = z.infer<typeof conversationSummary>;

/** Where a search found something: a message, and an excerpt of it in pieces, those that match marked. */
export const searchHit = z.object({
  messageId: uuid,
  excerpt: z.array(z.object({ text: z.string(), isMatch: z.boolean() })),
});
export type SearchHit = z.infer<typeof searchHit>;

/** A summary as a search returns it; `hit` is missing when the title alone matches. */
export const foundConversation = conversationSummary.extend({ hit: searchHit.optional() });
export type FoundConversation = z.infer<typeof foundConversation>;

export const RUN_STATUSES = ['running', 'completed', 'stopped', 'failed', 'interrupted'] as const;
export const FINAL_STATUSES = ['completed', 'stopped', 'failed', 'interrupted'] as const;
export const finalStatus = z.enum(FINAL_STATUSES);
export type RunStatus = (typeof RUN_STATUSES)[number];
export type FinalStatus = z.infer<typeof finalStatus>;

export const runError = z.object({ code: z.enum(RUN_ERROR_CODES), requestId: z.string() });
export type RunError = z.infer<typeof runError>;

export const MESSAGE_STATUSES = ['streaming', ...FINAL_STATUSES] as const;

export const RATINGS = ['up', 'down'] as const;
export const rating = z.enum(RATINGS);
export type Rating = z.infer<typeof rating>;

export const message = z.object({
  id: uuid,
  parentId: uuid.nullable(),
  role: z.enum(['user', 'assistant']),
  text: z.string(),
  /** `completed` for what a person wrote; a reply is `streaming` until its run ends. */
  status: z.enum(MESSAGE_STATUSES),
  model: z.string().optional(),
  runId: uuid.optional(),
  /** The id that the sending page made: how it knows its own message again. */
  clientMessageId: uuid.optional(),
  /** Of a reply: all runs that wrote it, taken together. */
  usage: usage.optional(),
  error: runError.optional(),
  /** Of a reply: what its reader thinks of it. */
  rating: rating.optional(),
  createdAt: instant,
});
export type Message = z.infer<typeof message>;

/** A message within its branch: `siblingIds` holds all children of its parent, itself included, oldest first. */
export const branchMessage = message.extend({ siblingIds: z.array(uuid) });
export type BranchMessage = z.infer<typeof branchMessage>;

/** A message that waits until the conversation's reply has ended; `id` is the one that it will have when it is sent. */
export const queuedMessage = message
  .pick({ id: true, text: true, model: true, createdAt: true })
  .extend({ clientMessageId: uuid });
export type QueuedMessage = z.infer<typeof queuedMessage>;

/** How many messages may wait in one conversation. */
export const MAX_QUEUE_LENGTH = 10;

/** What stands in a composer. `origin` names the tab that wrote it: how that tab knows its own echo. */
export const draft = z.object({ text: z.string(), origin: uuid, at: instant });
export type Draft = z.infer<typeof draft>;

export const sessionView = z.object({
  id: uuid,
  /** What the browser called itself when it signed in, shortened. */
  userAgent: z.string(),
  createdAt: instant,
  lastUsedAt: instant,
  current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionView>;

/**
 * `messages` is the end of the branch in view, oldest first (see `messageWindow`); `hasMore` says that it goes
 * further back. `queue` holds what waits to be sent, in that order.
 */
export const conversationState = z.object({
  conversation,
  messages: z.array(branchMessage),
  hasMore: z.boolean(),
  queue: z.array(queuedMessage),
  draft: draft.nullable(),
});
export type ConversationState = z.infer<typeof conversationState>;

/**
 * `conversations` holds the most recently used ones; older ones come over HTTP. `draft` is that of a conversation
 * that has not begun.
 */
export const userState = z.object({
  user,
  conversations: z.array(conversationSummary),
  hasMore: z.boolean(),
  draft: draft.nullable(),
});
export type UserState = z.infer<typeof userState>;

/** `online` holds the ids of the users with an open tab. */
export const adminState = z.object({ online: z.array(uuid) });
export type AdminState = z.infer<typeof adminState>;
