import { z } from 'zod';
import { uuid } from '../ids.js';
import { role } from '../team/roles.js';
import { finalStatus } from '../views.js';

const count = z.int().nonnegative();

/** The body of a request to a webhook (Standard Webhooks 1.0). `timestamp` is when the event happened, in ISO 8601. */
const payload = <Type extends string, Data extends z.ZodObject>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), timestamp: z.iso.datetime(), data });

/** The bodies by type: ids, states and counts, never the text of a message. */
export const webhookPayload = z.discriminatedUnion('type', [
  payload(
    'run.finished',
    z.object({
      runId: uuid,
      /** `null` for a call of a program without a conversation, as is `messageId`. */
      conversationId: uuid.nullable(),
      messageId: uuid.nullable(),
      userId: uuid,
      model: z.string(),
      status: finalStatus,
      /** One of `RUN_ERROR_CODES` if the run failed. */
      errorCode: z.string().nullable(),
      /** `null` if the usage of the run is not known, as are the others. */
      inputTokens: count.nullable(),
      outputTokens: count.nullable(),
      /** In millionths of the configured currency; also `null` without a price. */
      costMicros: count.nullable(),
    }),
  ),
  payload('user.added', z.object({ userId: uuid, role })),
  /** Sent when a user asks for it. */
  payload('webhook.test', z.object({ webhookId: uuid })),
]);
export type WebhookPayload = z.infer<typeof webhookPayload>;
