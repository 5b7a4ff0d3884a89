import { z } from 'zod';
import { RUN_ERROR_CODES } from './errors.js';
import { uuid } from './ids.js';

/** A moment: milliseconds since 1970-01-01 UTC. */
const instant = z.int().nonnegative();

export const ROLES = ['pending', 'user', 'admin'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** What a person sets for themselves; every key may be missing. */
export const preferences = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).optional(),
  language: z.string().max(35).optional(),
  model: z.string().max(200).optional(),
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
  /** Who did it; `null` for the command line. */
  actorId: uuid.nullable(),
  actorEmail: z.string().nullable(),
  action: z.string(),
  targetId: uuid.nullable(),
  targetEmail: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const conversation = z.object({
  id: uuid,
  /** The beginning of the first message, until the model has made a better one or the owner has typed one. */
  title: z.string(),
  pinned: z.boolean(),
  archived: z.boolean(),
  /** The last message of the branch in view. */
  leafId: uuid.nullable(),
  createdAt: instant,
  /** The last message was sent or answered then; renaming does not move it. */
  updatedAt: instant,
});
export type Conversation = z.infer<typeof conversation>;

export const conversationSummary = conversation.extend({ running: z.boolean() });
export type ConversationSummary = z.infer<typeof conversationSummary>;

export const RUN_STATUSES = ['running', 'completed', 'stopped', 'failed', 'interrupted'] as const;
export const FINAL_STATUSES = ['completed', 'stopped', 'failed', 'interrupted'] as const;
export const finalStatus = z.enum(FINAL_STATUSES);
export type RunStatus = (typeof RUN_STATUSES)[number];
export type FinalStatus = z.infer<typeof finalStatus>;

export const usage = z.object({ inputTokens: z.int().nonnegative(), outputTokens: z.int().nonnegative() });
export type Usage = z.infer<typeof usage>;

export const runError = z.object({ code: z.enum(RUN_ERROR_CODES), requestId: z.string() });
export type RunError = z.infer<typeof runError>;

export const MESSAGE_STATUSES = ['streaming', ...FINAL_STATUSES] as const;
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
  usage: usage.optional(),
  error: runError.optional(),
  createdAt: instant,
});
export type Message = z.infer<typeof message>;

/** A message within its branch: `siblingIds` holds all children of its parent, itself included, oldest first. */
export const branchMessage = message.extend({ siblingIds: z.array(uuid) });
export type BranchMessage = z.infer<typeof branchMessage>;

export const sessionView = z.object({
  id: uuid,
  /** What the browser called itself when it signed in, shortened. */
  userAgent: z.string(),
  createdAt: instant,
  lastUsedAt: instant,
  current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionView>;

/** How many messages of the branch in view a snapshot holds. */
export const MESSAGE_WINDOW = 50;

/** `messages` is the end of the branch in view, oldest first; `hasMore` says that it goes further back. */
export const conversationState = z.object({
  conversation,
  messages: z.array(branchMessage),
  hasMore: z.boolean(),
});
export type ConversationState = z.infer<typeof conversationState>;

/** `conversations` holds the most recently used ones; older ones come over HTTP. */
export const userState = z.object({
  user,
  conversations: z.array(conversationSummary),
  hasMore: z.boolean(),
});
export type UserState = z.infer<typeof userState>;

/** `online` holds the ids of the users with an open tab. */
export const adminState = z.object({ online: z.array(uuid) });
export type AdminState = z.infer<typeof adminState>;
