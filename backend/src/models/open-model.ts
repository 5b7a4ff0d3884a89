import type { ModelsConfig } from '../config/config.js';
import { needsPackage, partsOf } from '../config/model-ids.js';
import { ANY_MODEL, type RequestShape } from '../config/model-requests.js';
import type { ReplySource } from './reply-source.js';

/**
 * Creates the source for a model id of the configuration: `provider:model`, or the name of a model of the configured
 * OpenAI-compatible API. This loads LangChain, which takes 35 MB, and so happens only when the model is needed.
 * @throws ConfigError when the provider's package is not installed
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
