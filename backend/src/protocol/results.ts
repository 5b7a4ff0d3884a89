import { z } from 'zod';
import type { Command, CommandName } from './commands.js';
import { ERROR_CODES } from './errors.js';
import { adminEvents, conversationEvents, type StreamEvent, userEvents } from './events.js';
import { uuid } from './ids.js';
import { adminUser, conversation, RUN_STATUSES } from './views.js';

const nothing = z.strictObject({});
const position = z.int().nonnegative();
const milliseconds = z.int().nonnegative();

const eventSchemas: Readonly<Record<string, readonly z.ZodType[]>> = Object.fromEntries(
  [...new Set([conversationEvents, userEvents, adminEvents].flatMap((some) => Object.keys(some)))].map((type) => [
    type,
    [conversationEvents, userEvents, adminEvents].flatMap((some) => (some as Record<string, z.ZodType>)[type] ?? []),
  ]),
);

/** One entry of a stream: the data of an event are those of its type, in one of the kinds of streams that have it. */
export const streamEvent: z.ZodType<StreamEvent> = z
  .strictObject({ seq: z.int().positive(), type: z.string(), at: milliseconds, data: z.unknown() })
  .refine(({ type, data }) => eventSchemas[type]?.some((schema) => schema.safeParse(data).success), {
    message: 'is no event of the protocol',
  }) as unknown as z.ZodType<StreamEvent>;

/** Either what came after the cursor, or a snapshot of the state; `docs/protocol.md` has the states. */
export const subscribeResult = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('events'),
    epoch: z.string(),
    events: z.array(streamEvent).readonly(),
    head: position,
  }),
  z.strictObject({ mode: z.literal('snapshot'), epoch: z.string(), seq: position, state: z.unknown() }),
]);
export type SubscribeResult = Readonly<z.infer<typeof subscribeResult>>;

/**
 * `seq` is the head of the conversation's stream after the message was added.
 * `queued`: it waits for its turn; message and run will have these ids.
 */
export const sendResult = z.strictObject({
  duplicate: z.boolean(),
  messageId: uuid,
  runId: uuid,
  seq: position,
  queued: z.literal(true).optional(),
});
export type SendResult = Readonly<z.infer<typeof sendResult>>;

/** What each command is answered with, as `data`. */
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
  'auth:refresh': z.strictObject({ expiresAt: milliseconds }),
  'admin:set-role': adminUser,
} as const satisfies Record<CommandName, z.ZodType>;

export type CommandResults = { readonly [Name in CommandName]: Readonly<z.infer<(typeof results)[Name]>> };

/** Why a command was refused. `retryable`: the very same command may succeed later. */
export const replyError = z.strictObject({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  retryable: z.boolean(),
  retryAfterMs: milliseconds.optional(),
});
export type ReplyError = Readonly<z.infer<typeof replyError>>;

/** What every command is answered with. */
export type Reply<Data> =
  { readonly ok: true; readonly data: Data } | { readonly ok: false; readonly error: ReplyError };

/** Socket.IO's typed events, from the client's side. */
export type ClientToServer = {
  [Name in CommandName]: (payload: Command<Name>, acknowledge: (reply: Reply<CommandResults[Name]>) => void) => void;
};

/** What the server says by itself, each with its payload. */
export const serverMessages = {
  'stream:events': z.strictObject({ stream: z.string(), epoch: z.string(), events: z.array(streamEvent).readonly() }),
  'stream:heads': z.strictObject({
    epoch: z.string(),
    heads: z.array(z.strictObject({ stream: z.string(), seq: position })).readonly(),
  }),
  'stream:lagging': z.strictObject({ stream: z.string() }),
  'auth:expiring': z.strictObject({ expiresAt: milliseconds }),
  'server:draining': z.strictObject({ retryAfterMs: milliseconds }),
} as const;

export type ServerToClient = {
  [Name in keyof typeof serverMessages]: (message: Readonly<z.infer<(typeof serverMessages)[Name]>>) => void;
};
