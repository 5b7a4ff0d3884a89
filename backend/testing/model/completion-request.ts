import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { z } from 'zod';
import { TITLE_INSTRUCTION } from '../../src/models/titles/title-instruction.ts';
import { readBody } from '../request-body.ts';

const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

const content = z.union([
  z.string(),
  z.array(z.object({ text: z.string().default('') })).transform((parts) => parts.map(({ text }) => text).join('')),
]);

/** OpenAI's request for a chat completion: the fields that scripts and tests read are typed, others are kept. */
const completionBody = z.looseObject({
  model: z.string(),
  messages: z
    .array(z.looseObject({ role: z.string(), content: content.nullish().transform((text) => text ?? '') }))
    .min(1),
  stream: z
    .boolean()
    .nullish()
    .transform((stream) => stream ?? undefined),
  stream_options: z
    .looseObject({ include_usage: z.boolean().optional() })
    .nullish()
    .transform((options) => options ?? undefined),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  max_tokens: z.number().optional(),
});
export type CompletionBody = z.infer<typeof completionBody>;

/** One received request. */
export interface ReceivedRequest {
  readonly body: CompletionBody;
  readonly headers: IncomingHttpHeaders;
  /** Whether it asks for the title of a conversation, not for a reply. */
  readonly isTitle: boolean;
  /** Resolves when either side has ended the connection or the answer. */
  readonly closed: Promise<void>;
}

/**
 * Reads the body of a request.
 * @throws BodyTooLargeError, SyntaxError or z.ZodError when it is not a request for a chat completion
 */
export async function readCompletion(request: IncomingMessage, closed: Promise<void>): Promise<ReceivedRequest> {
  const body = completionBody.parse(JSON.parse(await readBody(request, MAX_REQUEST_BYTES)));
  const isTitle = body.messages[0]?.content.startsWith(TITLE_INSTRUCTION) ?? false;
  return { body, headers: request.headers, isTitle, closed };
}
