import { z } from 'zod';
import { uuid } from '../ids.js';
import { modelId, plainText } from '../texts.js';
import { chatMessage } from './chat-message.js';
import { unsupported } from './unsupported.js';

const MAX_STOPS = 4;
const MAX_METADATA = 512;
const short = plainText.max(MAX_METADATA);
const ofMetadata = z.record(short, short);

/**
 * The body of `POST /v1/chat/completions`. A parameter that would change the reply and is not supported is refused; one
 * that has no effect on the reply is accepted. `null` means the default, as in OpenAI's API.
 */
export const completionRequest = z
  .strictObject(
    {
      model: modelId,
      messages: z.array(chatMessage).min(1),
      stream: z.boolean().nullish(),
      stream_options: z.strictObject({ include_usage: z.boolean().nullish() }).nullish(),
      temperature: z.number().min(0).max(2).nullish(),
      top_p: z.number().min(0).max(1).nullish(),
      max_tokens: z.int().min(1).max(1_000_000).nullish(),
      max_completion_tokens: z.int().min(1).max(1_000_000).nullish(),
      stop: z.union([plainText.min(1), z.array(plainText.min(1)).min(1).max(MAX_STOPS)]).nullish(),
      metadata: ofMetadata.nullish(),
      // Accepted with the only value that they can have here.
      n: z.literal(1).nullish(),
      store: z.literal(false).nullish(),
      logprobs: z.literal(false).nullish(),
      frequency_penalty: z.literal(0).nullish(),
      presence_penalty: z.literal(0).nullish(),
      modalities: z.tuple([z.literal('text')]).nullish(),
      response_format: z.strictObject({ type: z.literal('text') }).nullish(),
      service_tier: z.enum(['auto', 'default']).nullish(),
      // Without any effect.
      user: short.nullish(),
      safety_identifier: short.nullish(),
      prompt_cache_key: short.nullish(),
    },
    { error: unsupported },
  )
  .superRefine(({ messages }, context) => {
    const refuse = (at: number, message: string): void =>
      context.addIssue({ code: 'custom', path: ['messages', at, 'role'], message });
    const spoken = messages.findIndex(({ role }) => role === 'user' || role === 'assistant');
    const late = messages.findIndex(({ role }, at) => isInstruction(role) && spoken >= 0 && at > spoken);
    if (late >= 0) refuse(late, 'instructions must come before all other messages');
    if (messages.at(-1)?.role !== 'user') refuse(messages.length - 1, 'the last message must be of the role user');
  })
  .superRefine(({ metadata }, context) => {
    const id = metadata?.['conversation_id'];
    if (id === undefined || uuid.safeParse(id).success) return;
    context.addIssue({
      code: 'custom',
      path: ['metadata', 'conversation_id'],
      message: 'is not the id of a conversation',
    });
  })
  .transform(callOf);

const isInstruction = (role: string): boolean => role === 'system' || role === 'developer';

interface Requested {
  readonly model: string;
  readonly messages: readonly z.infer<typeof chatMessage>[];
  readonly stream?: boolean | null | undefined;
  readonly stream_options?: { readonly include_usage?: boolean | null | undefined } | null | undefined;
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
  readonly stop?: string | string[] | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
}

const isSet = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

/** The request in the terms of this server. */
function callOf(asked: Requested) {
  const { model, messages, stop, temperature, top_p: topP } = asked;
  const maxOutputTokens = asked.max_completion_tokens ?? asked.max_tokens;
  const instructions = messages.filter(({ role }) => isInstruction(role)).map(({ content }) => content);
  const conversationId = asked.metadata?.['conversation_id']?.toLowerCase();
  return {
    model,
    isStream: asked.stream ?? false,
    includesUsage: asked.stream_options?.include_usage ?? false,
    /** Empty if the request has none: the system prompt of the installation is for people. */
    systemPrompt: instructions.join('\n\n'),
    /** In order; the last one is the question. */
    history: messages.flatMap(({ role, content }) =>
      role === 'user' || role === 'assistant' ? [{ role, text: content }] : [],
    ),
    sampling: {
      ...(isSet(temperature) && { temperature }),
      ...(isSet(topP) && { topP }),
      ...(isSet(maxOutputTokens) && { maxOutputTokens }),
    },
    ...(isSet(stop) && { stop: typeof stop === 'string' ? [stop] : stop }),
    ...(conversationId !== undefined && { conversationId }),
  };
}

export type CompletionCall = z.output<typeof completionRequest>;
