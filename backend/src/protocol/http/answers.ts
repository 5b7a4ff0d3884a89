import { z } from 'zod';
import { uuid } from '../ids.js';
import { activeRun } from '../team/activity.js';
import { budgetStanding, roleBudget } from '../team/budgets.js';
import { adminModel } from '../team/model-access.js';
import { adminUser, conversation, message, personalToken, queuedMessage, sessionView, user } from '../views.js';
import { webhook } from '../webhooks/webhooks.js';
import { problem } from './problem.js';

const count = z.int().nonnegative();

/** One page of a list. `nextCursor` requests the next page; it is `null` on the last one. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item).readonly(), nextCursor: z.string().nullable() });
export type Page<Item> = Readonly<z.infer<ReturnType<typeof page<z.ZodType<Item>>>>>;

/** The answer to an exchange or a refresh. `expiresIn` is in seconds. */
export const tokenGrant = z.object({ accessToken: z.string(), expiresIn: z.int().positive(), user });
export type TokenGrant = Readonly<z.infer<typeof tokenGrant>>;

/** All sessions of the user; the list has one page. */
export const sessionList = z.object({ items: z.array(sessionView).readonly(), nextCursor: z.null() });
export type SessionList = Readonly<z.infer<typeof sessionList>>;

/** All offered models, the default first; the list has one page. */
export const adminModelList = z.object({ items: z.array(adminModel).readonly(), nextCursor: z.null() });
export type AdminModelList = Readonly<z.infer<typeof adminModelList>>;

/**
 * The budgets of all roles; the list has one page. `unpriced` has the offered models without a price, which count
 * nothing in a budget of money.
 */
export const roleBudgetList = z.object({
  items: z.array(roleBudget).readonly(),
  currency: z.string(),
  unpriced: z.array(z.string()).readonly(),
  nextCursor: z.null(),
});
export type RoleBudgetList = Readonly<z.infer<typeof roleBudgetList>>;

/** All personal access tokens of the user, the newest first; the list has one page. */
export const tokenList = z.object({ items: z.array(personalToken).readonly(), nextCursor: z.null() });
export type TokenList = Readonly<z.infer<typeof tokenList>>;

/** A new personal access token; `token` is its secret, which is never shown again. */
export const createdToken = personalToken.extend({ token: z.string() });
export type CreatedToken = Readonly<z.infer<typeof createdToken>>;

/** The user's own webhooks, or those of all admins for everybody, the newest first; the list has one page. */
export const webhookList = z.object({ items: z.array(webhook).readonly(), nextCursor: z.null() });
export type WebhookList = Readonly<z.infer<typeof webhookList>>;

/** A webhook with a new secret, `whsec_` and base64, which is never shown again. */
export const createdWebhook = webhook.extend({ secret: z.string() });
export type CreatedWebhook = Readonly<z.infer<typeof createdWebhook>>;

/** `messageId` is the id of the reply. */
export const chatAnswer = z.object({ reply: z.string(), conversationId: uuid, messageId: uuid });
export type ChatAnswer = Readonly<z.infer<typeof chatAnswer>>;

/** Once the first line break is sent, the status is 200: a later failure is a problem document in the body. */
export const lateChatAnswer = z.union([chatAnswer, problem]);

/** The exported file of a conversation, with all branches. */
export const exportedConversation = z.object({
  version: z.literal(1),
  conversation,
  messages: z.array(message).readonly(),
  queue: z.array(queuedMessage).readonly(),
});

/** A way to sign in that is linked to the account. `id` is for the API alone. */
export const linkedIdentity = z.object({
  id: z.string(),
  /** The name of the provider. */
  label: z.string(),
  /** The e-mail address at the provider, if it is known. */
  email: z.string().nullable(),
  /** In milliseconds since 1970. */
  linkedAt: count,
  lastUsedAt: count.nullable(),
});
export type LinkedIdentity = Readonly<z.infer<typeof linkedIdentity>>;

/** All identities of the user; the list has one page. */
export const identityList = z.object({ items: z.array(linkedIdentity).readonly(), nextCursor: z.null() });
export type IdentityList = Readonly<z.infer<typeof identityList>>;

/** Everything about one user that admins see, except for counts, which are slower to read. */
export const adminPerson = z.object({
  user: adminUser,
  /** The name of the provider that sets the role; `null` if admins set it. */
  roleProvider: z.string().nullable(),
  /** The last used one first; `current` marks the session of the admin who asks. */
  sessions: z.array(sessionView).readonly(),
  /** The oldest first. */
  identities: z.array(linkedIdentity).readonly(),
  /** The newest first. */
  tokens: z.array(personalToken).readonly(),
});
export type AdminPerson = Readonly<z.infer<typeof adminPerson>>;

/** What a user has, and has used since the first of the month, midnight UTC. */
export const personCounts = z.object({
  conversations: count,
  /** Messages that the user wrote, in conversations that are not deleted. */
  messages: count,
  month: z.object({
    inputTokens: count,
    outputTokens: count,
    /** In millionths of the currency; missing while no price is known. */
    costMicros: count.optional(),
  }),
  /** ISO 4217. */
  currency: z.string(),
  /** What is left of the budget that applies to the user; `null` without one. */
  budget: budgetStanding.nullable(),
});
export type PersonCounts = Readonly<z.infer<typeof personCounts>>;

/** Where the browser ends the session at the provider too. */
export const signedOut = z.object({ providerUrl: z.string() });
export type SignedOut = Readonly<z.infer<typeof signedOut>>;

/** A provider on the sign-in page. `icon` is a `data:` URL. */
export const offeredProvider = z.object({
  id: z.string(),
  label: z.string(),
  icon: z.string().nullable(),
  /** `false` while the provider cannot be reached or is configured wrongly. */
  available: z.boolean(),
});
export type OfferedProvider = Readonly<z.infer<typeof offeredProvider>>;

/** All sign-in providers, in the order of their buttons; the list has one page. */
export const providerList = z.object({ items: z.array(offeredProvider).readonly(), nextCursor: z.null() });
export type ProviderList = Readonly<z.infer<typeof providerList>>;

const localServices = z.object({ provider: z.boolean(), model: z.boolean() }).readonly();

/** What the page needs to know before the user has signed in. */
export const installationMeta = z.object({
  /** The origin for signing in; the page redirects there from any other one. */
  publicUrl: z.string(),
  /** The name of the first sign-in provider for display: Google, or the host or label of another one. */
  provider: z.string(),
  /** Which services are the local ones for development. */
  local: localServices,
  /** The former name of `local`, kept for one version: open tabs with an older page still read it. */
  standIn: localServices,
  /** Conversations without use for so many days are deleted; missing if they are kept. */
  retentionDays: z.int().positive().optional(),
});
export type InstallationMeta = Readonly<z.infer<typeof installationMeta>>;

/**
 * Why a SQLite file cannot be written: the disk is full, the file or its folder is read-only, it has been locked for too
 * long, or the disk has another failure.
 */
export const writeRefusal = z.enum(['full', 'read_only', 'locked', 'failed']);
export type WriteRefusal = z.infer<typeof writeRefusal>;

/** The runs in progress; `active` is their number, of which the list has at most `MAX_LISTED_RUNS`. */
export const activeRunList = z.object({ items: z.array(activeRun).readonly(), active: count, nextCursor: z.null() });
export type ActiveRunList = Readonly<z.infer<typeof activeRunList>>;

export const backupRefusal = z.enum(['full', 'no_right', 'no_program', 'damaged', 'failed']);
export type BackupRefusal = z.infer<typeof backupRefusal>;

export const backupFailure = z.object({ at: z.int(), reason: backupRefusal });
export type BackupFailure = Readonly<z.infer<typeof backupFailure>>;

/** The scheduled backups; `failure` is that of the last attempt. */
export const backupStatus = z.object({ lastAt: z.int().nullable(), failure: backupFailure.optional() });
export type BackupStatus = Readonly<z.infer<typeof backupStatus>>;

/** Counts of the whole installation, over all processes. */
export const dashboard = z.object({
  users: count,
  connectedUsers: count,
  sockets: count,
  activeRuns: count,
  /** Input and output tokens of the replies that have ended since midnight UTC. */
  tokensToday: count,
  /** Their cost in millionths of the currency; missing while no price is known. */
  costMicrosToday: count.optional(),
  currency: z.string(),
  /** Why the database cannot be written; missing while it can. */
  databaseRefusal: writeRefusal.optional(),
  /** Missing without `BACKUP_EVERY`. */
  backups: backupStatus.optional(),
});
export type Dashboard = Readonly<z.infer<typeof dashboard>>;

export const liveness = z.object({ status: z.literal('live') });
export type Liveness = Readonly<z.infer<typeof liveness>>;

export const ready = z.object({ status: z.literal('ready') });
export const unavailable = z.object({ status: z.literal('unavailable'), reason: z.string() });
export type Readiness = Readonly<z.infer<typeof ready> | z.infer<typeof unavailable>>;
