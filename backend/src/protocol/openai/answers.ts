import { z } from 'zod';

/*
 * The answers of the routes under `/v1`, in the shapes of OpenAI's API. https://platform.openai.com/docs/api-reference
 */

const count = z.int().nonnegative();
export const completionUsage = z.object({ prompt_tokens: count, completion_tokens: count, total_tokens: count });
export type CompletionUsage = z.infer<typeof completionUsage>;

export const finishReason = z.enum(['stop', 'length', 'content_filter']);
export type FinishReason = z.infer<typeof finishReason>;

/** The whole reply; `created` is in seconds since 1970. */
export const completion = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: count,
  model: z.string(),
  choices: z.tuple([
    z.object({
      index: z.literal(0),
      message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
      logprobs: z.null(),
      finish_reason: finishReason,
    }),
  ]),
  usage: completionUsage,
});
export type Completion = z.infer<typeof completion>;

/** A model that is offered to the caller. */
export const programModel = z.object({
  id: z.string(),
  object: z.literal('model'),
  /** Always 0: Lockstep does not know the age of a model. */
  created: z.literal(0),
  owned_by: z.literal('lockstep'),
});
export type ProgramModel = z.infer<typeof programModel>;

/** The offered models, the default first. */
export const programModels = z.object({ object: z.literal('list'), data: z.array(programModel) });
export type ProgramModels = z.infer<typeof programModels>;

const ERROR_TYPES = [
  'invalid_request_error',
  'permission_error',
  'rate_limit_error',
  'insufficient_quota',
  'server_error',
] as const;

/** Every error under `/v1`. `code` is one of this API's codes or of `RUN_ERROR_CODES`. */
export const programError = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum(ERROR_TYPES),
    param: z.string().nullable(),
    code: z.string(),
  }),
});
export type ProgramError = z.infer<typeof programError>;
