import { z } from 'zod';
import { uuid } from '../ids.js';
import { conversation, message, queuedMessage, sessionView, user } from '../views.js';
import { problem } from './problem.js';

const count = z.int().nonnegative();

/** A part of a list; `nextCursor` asks for the part after it, and is `null` at the end. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item).readonly(), nextCursor: z.string().nullable() });
export type Page<Item> = Readonly<z.infer<ReturnType<typeof page<z.ZodType<Item>>>>>;

/** Answer of the exchange and of each refresh. `expiresIn` is in seconds. */
export const tokenGrant = z.object({ accessToken: z.string(), expiresIn: z.int().positive(), user });
export type TokenGrant = Readonly<z.infer<typeof tokenGrant>>;

/** A person's own signed-in browsers, all of them. */
export const sessionList = z.object({ items: z.array(sessionView).readonly(), nextCursor: z.null() });
export type SessionList = Readonly<z.infer<typeof sessionList>>;

/** `messageId` is the reply's. */
export const chatAnswer = z.object({ reply: z.string(), conversationId: uuid, messageId: uuid });
export type ChatAnswer = Readonly<z.infer<typeof chatAnswer>>;

/** After the first line break the status is gone: what fails then is the problem document with a 200. */
export const lateChatAnswer = z.union([chatAnswer, problem]);

/** All branches of a conversation, as a file. */
export const exportedConversation = z.object({
  version: z.literal(1),
  conversation,
  messages: z.array(message).readonly(),
  queue: z.array(queuedMessage).readonly(),
});

const localServices = z.object({ provider: z.boolean(), model: z.boolean() }).readonly();

/** What the page must know before anybody has signed in. */
export const installationMeta = z.object({
  /** The origin at which people can sign in; a page that was opened at another one sends them there. */
  publicUrl: z.string(),
  /** Whom people sign in with, as they know it: Google, or the host of another provider. */
  provider: z.string(),
  /** Which services are the local ones of development. */
  local: localServices,
  /** The former name of `local`, for one version: an older page in an open tab that asks again needs it. */
  standIn: localServices,
});
export type InstallationMeta = Readonly<z.infer<typeof installationMeta>>;

/**
 * Why a SQLite file cannot be written: its disk is full, it or its folder is read-only, another program has kept it
 * locked for too long, or something else is wrong with the disk.
 */
export const writeRefusal = z.enum(['full', 'read_only', 'locked', 'failed']);
export type WriteRefusal = z.infer<typeof writeRefusal>;

/** Counts of the whole installation, of all its processes. */
export const dashboard = z.object({
  users: count,
  connectedUsers: count,
  sockets: count,
  activeRuns: count,
  /** Input and output, of the replies that ended since midnight UTC. */
  tokensToday: count,
  /** What they cost, in millionths of the currency; missing while no price is known. */
  costMicrosToday: count.optional(),
  currency: z.string(),
  /** Why the database takes no writes; missing while it does. */
  databaseRefusal: writeRefusal.optional(),
});
export type Dashboard = Readonly<z.infer<typeof dashboard>>;

export const liveness = z.object({ status: z.literal('live') });
export type Liveness = Readonly<z.infer<typeof liveness>>;

export const ready = z.object({ status: z.literal('ready') });
export const unavailable = z.object({ status: z.literal('unavailable'), reason: z.string() });
export type Readiness = Readonly<z.infer<typeof ready> | z.infer<typeof unavailable>>;
