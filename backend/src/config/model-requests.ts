import { z } from 'zod';
import { byModel } from './by-model.js';

/** What a request can do without: parameters, by OpenAI's names for them. */
const OMITTABLE = ['stream', 'stream_options', 'temperature', 'top_p', 'max_tokens'] as const;

const requestShape = z.strictObject({
  /** Who says the system prompt; `user`: it stands at the beginning of the first question. */
  systemRole: z.enum(['system', 'developer', 'user']).optional(),
  /** Under which name the limit on the length of a reply goes. */
  limitName: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  /** Another address than the provider's own. */
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Messages of one speaker that follow each other are put together. */
  alternate: z.boolean().optional(),
  omit: z.array(z.enum(OMITTABLE)).optional(),
});

/** How a model wants to be asked, where models differ. A missing key: Lockstep finds out. */
export type RequestShape = z.infer<typeof requestShape>;
export type Omittable = (typeof OMITTABLE)[number];

/** Stands for every model that is not named. */
export const ANY_MODEL = '*';

/** `MODEL_REQUESTS`: a JSON object from the id of a model, or `*`, to how it is asked. */
export const modelRequests = byModel(requestShape, '{"my-model": {"systemRole": "user", "omit": ["temperature"]}}');
