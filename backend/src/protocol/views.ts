import { z } from 'zod';
import { RUN_ERROR_CODES } from './errors.js';
import { uuid } from './ids.js';
import { role } from './team/roles.js';
import { modelId, plainText } from './texts.js';

/** A time in milliseconds since 1970, UTC. */
const instant = z.int().nonnegative();

/** The preferences of a user; every key is optional. */
export const preferences = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).optional(),
  language: plainText.max(35).optional(),
  model: plainText.max(200).optional(),
  /** Show a system notification when a reply ends in a conversation that is not in view. */
  notifications: z.boolean().optional(),
  /** Announce each finished sentence of a reply to screen readers, and not only that a reply has started. */
  readReplies: z.boolean().optional(),
});
export type Preferences = z.infer<typeof preferences>;

/** The longest text of `personalTexts`, in UTF-16 units. */
export const MAX_PERSONAL_LENGTH = 2_000;
const personalText = plainText.trim().max(MAX_PERSONAL_LENGTH);

/** What a person wrote for the model: about themselves, and how its replies should be. Empty texts are left out. */
export const personalTexts = z.strictObject({
  about: personalText.optional(),
  replies: personalText.optional(),
});
export type PersonalTexts = z.infer<typeof personalTexts>;

/** `used`: whether new conversations begin with a copy of the texts. */
export const personal = z.strictObject({ about: personalText, replies: personalText, used: z.boolean() });
export type Personal = z.infer<typeof personal>;

export const user = z.object({
  id: uuid,
  email: z.string(),
  name: z.string(),
  /** The path of the picture, with a version; `null` without one. It needs an access token like any other route. */
  picture: z.string().nullable(),
  role,
  preferences,
  /** Missing until the user has written something. */
  personal: personal.optional(),
  /** Set when a message was refused because a budget is exceeded: it begins anew then. */
  budgetResetsAt: instant.optional(),
});
export type User = z.infer<typeof user>;

/** A user as an admin sees it: without what the user wrote for the model. */
export const adminUser = user.omit({ personal: true, budgetResetsAt: true }).extend({
  disabled: z.boolean(),
  online: z.boolean(),
  createdAt: instant,
  lastSeenAt: instant.nullable(),
  /** Whether the sign-in provider sets the role, at each sign-in; admins cannot change it then. */
  roleByProvider: z.boolean(),
});
export type AdminUser = z.infer<typeof adminUser>;

export const auditEntry = z.object({
  id: uuid,
  at: instant,
  /** The user who acted; `null` for the command line, the configuration, and requests without a session. */
  actorId: uuid.nullable(),
  actorEmail: z.string().nullable(),
  action: z.string(),
  targetId: uuid.nullable(),
  targetEmail: z.string().nullable(),
  /** The network address of the request; `null` for the command line, and in entries older than this column. */
  address: z.string().nullable(),
  requestId: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const MAX_SYSTEM_PROMPT_LENGTH = 8_000;

/** The settings of one conversation; for a missing key the default of the installation applies. */
export const conversationSettings = z.strictObject({
  model: modelId.optional(),
  /** Replaces the system prompt of the installation; its length is limited in UTF-16 units. */
  systemPrompt: plainText.max(MAX_SYSTEM_PROMPT_LENGTH).optional(),
  /** Sections after the system prompt. A new conversation gets a copy of the owner's texts. */
  personal: personalTexts.optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  maxOutputTokens: z.int().min(1).max(1_000_000).optional(),
});
export type ConversationSettings = z.infer<typeof conversationSettings>;

/**
 * The tokens of one or more runs, as the provider counts them, and their cost.
 * `costMicros` is in millionths of the configured currency; it is missing when the model has no price.
 */
export const usage = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  costMicros: z.int().nonnegative().optional(),
  /** At least a part of the tokens was counted by Lockstep, because the provider sent no usable numbers. */
  estimated: z.literal(true).optional(),
});
export type Usage = z.infer<typeof usage>;

export const conversation = z.object({
  id: uuid,
  /** The beginning of the first message, until the model generates a title or the owner types one. */
  title: z.string(),
  pinned: z.boolean(),
  archived: z.boolean(),
  /** The last message of the branch in view. */
  leafId: uuid.nullable(),
  settings: conversationSettings,
  /** The sum of all runs, on every branch. */
  usage,
  createdAt: instant,
  /** When the last message was sent or answered; renaming does not change it. */
  updatedAt: instant,
});
export type Conversation = z.infer<typeof conversation>;

/** A line of the sidebar. */
export const conversationSummary = conversation.omit({ settings: true, usage: true }).extend({ running: z.boolean() });
export type ConversationSummary = z.infer<typeof conversationSummary>;

/** A message that matches a search, with an excerpt of its text; `isMatch` marks the pieces that match. */
export const searchHit = z.object({
  messageId: uuid,
  excerpt: z.array(z.object({ text: z.string(), isMatch: z.boolean() })),
});
export type SearchHit = z.infer<typeof searchHit>;

/** A conversation found by a search; `hit` is missing when only the title matches. */
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
  /** Always `completed` for a message of the user; a reply is `streaming` until its run ends. */
  status: z.enum(MESSAGE_STATUSES),
  model: z.string().optional(),
  runId: uuid.optional(),
  /** The id that the sending client generated; the client recognises its own message by it. */
  clientMessageId: uuid.optional(),
  /** For a reply: the sum of all runs that wrote it. */
  usage: usage.optional(),
  error: runError.optional(),
  /** For a reply: the rating that its reader gave. */
  rating: rating.optional(),
  createdAt: instant,
});
export type Message = z.infer<typeof message>;

/** A message within its branch: `siblingIds` has all children of its parent, including itself, oldest first. */
export const branchMessage = message.extend({ siblingIds: z.array(uuid) });
export type BranchMessage = z.infer<typeof branchMessage>;

/** A message that is sent once the running reply of its conversation has ended; it keeps its `id` when it is sent. */
export const queuedMessage = message
  .pick({ id: true, text: true, model: true, createdAt: true })
  .extend({ clientMessageId: uuid });
export type QueuedMessage = z.infer<typeof queuedMessage>;

/** The highest number of queued messages in one conversation. */
export const MAX_QUEUE_LENGTH = 10;

/** The unsent text in a composer. `origin` is the id of the tab that wrote it: a tab ignores its own drafts. */
export const draft = z.object({ text: z.string(), origin: uuid, at: instant });
export type Draft = z.infer<typeof draft>;

/** A session of the user; `current` marks the one that makes the request. */
export const sessionView = z.object({
  id: uuid,
  /** The `User-Agent` header at sign-in, shortened. */
  userAgent: z.string(),
  createdAt: instant,
  lastUsedAt: instant,
  current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionView>;

/** What a personal access token is good for: `chat` asks models, `read` reads conversations, models and usage. */
export const TOKEN_SCOPES = ['chat', 'read'] as const;
export const tokenScope = z.enum(TOKEN_SCOPES);
export type TokenScope = z.infer<typeof tokenScope>;

/** The highest number of unexpired personal access tokens of a user. */
export const MAX_TOKENS = 20;

/** A personal access token without its secret, which is shown only once. `expiresAt: null` means that it never expires. */
export const personalToken = z.object({
  id: uuid,
  name: z.string(),
  scopes: z.array(tokenScope),
  createdAt: instant,
  expiresAt: instant.nullable(),
  /** With a precision of a minute; `null` before the first use. */
  lastUsedAt: instant.nullable(),
});
export type PersonalToken = z.infer<typeof personalToken>;

/**
 * The snapshot of a conversation's stream. `messages` has the last messages of the branch in view, oldest first (see
 * `windowStart`); `hasMore` says that there are earlier ones. `queue` has the queued messages in sending order.
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
 * The snapshot of a user's stream. `conversations` has the most recently used ones, in the order of the sidebar; older
 * ones are read over HTTP. `draft` is the draft of a new conversation, which has no id yet. `dismissed` has the ids of the
 * announcements that the user has closed, sorted.
 */
export const userState = z.object({
  user,
  conversations: z.array(conversationSummary),
  hasMore: z.boolean(),
  draft: draft.nullable(),
  dismissed: z.array(uuid),
});
export type UserState = z.infer<typeof userState>;

/** The snapshot of the admins' stream. `online` has the ids of the users with an open tab, sorted. */
export const adminState = z.object({ online: z.array(uuid) });
export type AdminState = z.infer<typeof adminState>;
