import type { ModelsConfig } from '../config/config.js';
import { toModelError } from './failures/provider-failure.js';
import type { ModelError } from './model-error.js';
import { openModel } from './open-model.js';

/** An answer that is cut off after one token is an answer, and so is the refusal of a limit of one token. */
const ANSWERS: ReadonlySet<string> = new Set(['model_length', 'model_empty', 'model_truncated', 'model_settings']);

/**
 * Asks a model for one token, once.
 * @param signal ends the request
 * @returns `undefined` if the model answers, otherwise why it does not
 * @throws ConfigError when the model's package is not installed
 */
export async function probeModel(
  id: string,
  config: ModelsConfig,
  signal: AbortSignal,
): Promise<ModelError | undefined> {
  const source = await openModel(id, config);
  const { writePrompt } = await import('./prompt.js');
  const history = [{ role: 'user', text: 'Hi' } as const];
  const messages = await writePrompt(history, { systemPrompt: '', contextTokens: config.contextTokens });
  const options = { sampling: { maxOutputTokens: 1 }, requestId: 'lockstep-doctor', signal };
  try {
    await source.ask(messages, options, () => undefined);
    return undefined;
  } catch (error) {
    const failure = toModelError(error);
    return ANSWERS.has(failure.code) ? undefined : failure;
  }
}
