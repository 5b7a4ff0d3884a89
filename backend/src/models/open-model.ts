import type { ModelsConfig } from '../config/config.js';
import { needsPackage, partsOf } from '../config/model-ids.js';
import { ANY_MODEL, type RequestShape } from '../config/model-requests.js';
import type { ReplySource } from './reply-source.js';

/**
 * Makes the model that an id of the configuration stands for: `provider:model`, or the name of a model
 * of the configured OpenAI-compatible API. Loads LangChain, which takes 35 MB: only when a model is asked.
 * @throws ConfigError when the provider's package is not installed.
 */
export async function openModel(id: string, config: ModelsConfig): Promise<ReplySource> {
  const { provider, model } = partsOf(id);
  if (needsPackage(id)) {
    const { ProviderSource } = await import('./providers/provider-source.js');
    return ProviderSource.load(id, provider, model, shapeOf(id, config));
  }
  const { OpenAiSource } = await import('./openai/openai-source.js');
  const shape = shapeOf(id, config);
  const { apiKey, baseUrl } = config;
  return new OpenAiSource(provider === 'openai' ? model : id, { apiKey, baseUrl: shape.baseUrl ?? baseUrl }, shape);
}

const shapeOf = (id: string, { requests }: ModelsConfig): RequestShape =>
  requests.get(id) ?? requests.get(ANY_MODEL) ?? {};
