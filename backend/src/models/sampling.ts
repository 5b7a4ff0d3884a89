import type { ReplySettings } from './model-request.js';

/** The settings of a reply that are sent to the provider; settings that are not set are not sent. */
export type Sampling = Pick<ReplySettings, 'temperature' | 'topP' | 'maxOutputTokens'>;

/** Picks the settings to send; `undefined` when none is set. */
export function samplingOf({ temperature, topP, maxOutputTokens }: ReplySettings = {}): Sampling | undefined {
  const set = {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
  return Object.keys(set).length > 0 ? set : undefined;
}
