import { z } from 'zod';
import { type Command, type CommandName, CONNECT_ERRORS } from './commands.js';
import { ERROR_CODES } from './errors.js';
import { adminEvents, conversationEvents, type StreamEvent, teamEvents, userEvents } from './events.js';
import { uuid } from './ids.js';
import { teamState } from './team/announcements.js';
import { adminState, adminUser, conversation, conversationState, RUN_STATUSES, userState } from './views.js';

const nothing = z.strictObject({});
const position = z.int().nonnegative();
const milliseconds = z.int().nonnegative();

/** The schema of the data of each event type. If two kinds of stream have a type, the one with more fields comes first. */
const dataOfType = new Map<string, z.ZodType>();
for (const [type, data] of [conversationEvents, adminEvents, userEvents, teamEvents].flatMap((some) =>
  Object.entries<z.ZodType>(some),
)) {
  const known = dataOfType.get(type);
  dataOfType.set(type, known ? z.union([known, data]) : data);
}
const entryOf = ([type, data]: readonly [string, z.ZodType]) =>
  z.strictObject({ seq: z.int().positive(), type: z.literal(type), at: milliseconds, data });

/** An event of any kind of stream. */
export const streamEvent = z.discriminatedUnion(
  'type',
  [...dataOfType].map(entryOf) as [ReturnType<typeof entryOf>],
) as unknown as z.ZodType<StreamEvent>;

/** The state of a stream of any kind. */
const streamState: z.ZodType = z.union([conversationState, userState, teamState, adminState]);

/**
 * The result of `stream:subscribe`: the events after the cursor, up to `head`; or a snapshot of the state after the
 * event `seq`. `state` is a `ConversationState`, `UserState`, `TeamState` or `AdminState`, depending on the stream.
 */
export const subscribeResult = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('events'),
    epoch: z.string(),
    events: z.array(streamEvent).readonly(),
    head: position,
  }),
  z.strictObject({ mode: z.literal('snapshot'), epoch: z.string(), seq: position, state: streamState }),
]);
export type SubscribeResult = Readonly<z.infer<typeof subscribeResult>>;

/**
 * The result of the commands that start a run. `seq` is the head of the conversation's stream after the message was
 * added. `duplicate`: the command was carried out before, and these are the ids of the first time.
 * `queued`: the message waits in the queue; once it is sent, message and run have these ids.
 */
export const sendResult = z.strictObject({
  duplicate: z.boolean(),
  messageId: uuid,
  runId: uuid,
  seq: position,
  queued: z.literal(true).optional(),
});
export type SendResult = Readonly<z.infer<typeof sendResult>>;

/** The schemas of `data` in the reply to each command. */
export const results = {
  'stream:subscribe': subscribeResult,
  'stream:unsubscribe': nothing,
  'message:send': sendResult,
  'message:edit': sendResult,
  'message:regenerate': sendResult,
  'message:continue': sendResult,
  'message:rate': nothing,
  'queue:update': nothing,
  'queue:remove': nothing,
  'queue:send': sendResult,
  'run:stop': z.strictObject({ status: z.enum(RUN_STATUSES) }),
  'draft:set': nothing,
  'conversation:update': conversation,
  'conversation:delete': nothing,
  'conversation:restore': conversation,
  'announcement:dismiss': nothing,
  'auth:refresh': z.strictObject({ expiresAt: milliseconds }),
  'admin:set-role': adminUser,
  'admin:stop-run': z.strictObject({ status: z.enum(RUN_STATUSES) }),
} as const satisfies Record<CommandName, z.ZodType>;

export type CommandResults = { readonly [Name in CommandName]: Readonly<z.infer<(typeof results)[Name]>> };

/**
 * Why a command was refused. `retryable`: the same command, unchanged, may succeed later. `resetsAt`: when an exceeded
 * budget begins anew, in milliseconds since 1970, UTC.
 */
export const replyError = z.strictObject({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  retryable: z.boolean(),
  retryAfterMs: milliseconds.optional(),
  resetsAt: milliseconds.optional(),
});
export type ReplyError = Readonly<z.infer<typeof replyError>>;

/** The `data` of Socket.IO's `connect_error`: why the server refused a connection. */
export const connectRefusal = z.strictObject({
  code: z.enum(CONNECT_ERRORS),
  /** With `upgrade_required`: the versions of the protocol that this server speaks. */
  protocol: z.strictObject({ oldest: z.int(), newest: z.int() }).optional(),
});
export type ConnectRefusal = Readonly<z.infer<typeof connectRefusal>>;

/** The acknowledgement of every command. */
export type Reply<Data> =
  { readonly ok: true; readonly data: Data } | { readonly ok: false; readonly error: ReplyError };

/** The events that a client sends, as Socket.IO's type parameters expect them. */
export type ClientToServer = {
  [Name in CommandName]: (payload: Command<Name>, acknowledge: (reply: Reply<CommandResults[Name]>) => void) => void;
};

/** The schemas of the events that the server sends, by event name. Times are in milliseconds since 1970, UTC. */
export const serverMessages = {
  'stream:events': z.strictObject({ stream: z.string(), epoch: z.string(), events: z.array(streamEvent).readonly() }),
  'stream:heads': z.strictObject({
    epoch: z.string(),
    heads: z.array(z.strictObject({ stream: z.string(), seq: position })).readonly(),
  }),
  'stream:lagging': z.strictObject({ stream: z.string() }),
  'auth:expiring': z.strictObject({ expiresAt: milliseconds }),
  /** The version of the server's program, and of the page that it serves; the latter is missing without a page. */
  'server:hello': z.strictObject({ version: z.string(), page: z.string().optional() }),
  'server:draining': z.strictObject({ retryAfterMs: milliseconds }),
} as const;

/** The events that the server sends, as Socket.IO's type parameters expect them. */
export type ServerToClient = {
  [Name in keyof typeof serverMessages]: (message: Readonly<z.infer<(typeof serverMessages)[Name]>>) => void;
};
