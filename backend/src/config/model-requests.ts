import { z } from 'zod';
import { byModel } from './by-model.js';

/** The parameters that can be omitted from a request, under OpenAI's names. */
const OMITTABLE = ['stream', 'stream_options', 'temperature', 'top_p', 'max_tokens'] as const;

const requestShape = z.strictObject({
  /** The role of the system prompt; `user`: it is put at the beginning of the first question. */
  systemRole: z.enum(['system', 'developer', 'user']).optional(),
  /** The name of the parameter that limits the length of a reply. */
  limitName: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  /** The address, if it is not that of the provider. */
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Whether consecutive messages of the same role are merged. */
  alternate: z.boolean().optional(),
  omit: z.array(z.enum(OMITTABLE)).optional(),
});

/** The form of requests that a model accepts, as far as models differ. For missing keys Lockstep finds out. */
export type RequestShape = z.infer<typeof requestShape>;
export type Omittable = (typeof OMITTABLE)[number];

/** The key for all models that have no entry of their own. */
export const ANY_MODEL = '*';

/** `MODEL_REQUESTS`: a JSON object from model ids, or `*`, to request shapes. */
export const modelRequests = byModel(requestShape, '{"my-model": {"systemRole": "user", "omit": ["temperature"]}}');
