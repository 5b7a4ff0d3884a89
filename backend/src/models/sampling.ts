import type { ReplySettings } from './model-request.js';

/** What of a reply's settings the provider is told: those that somebody has set, and no others. */
export type Sampling = Pick<ReplySettings, 'temperature' | 'topP' | 'maxOutputTokens'>;

/** `undefined` when nothing is set: what a provider refuses is then never sent. */
export function samplingOf({ temperature, topP, maxOutputTokens }: ReplySettings = {}): Sampling | undefined {
  const set = {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
  return Object.keys(set).length > 0 ? set : undefined;
}
