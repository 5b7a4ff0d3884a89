import type { ModelsConfig } from '../config/config.js';
import { needsPackage, partsOf } from '../config/model-ids.js';
import { ANY_MODEL, type RequestShape } from '../config/model-requests.js';
import { OPENAI_URL } from './openai/openai-url.js';
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
  const { apiKey, apiKeyFile, baseUrl, sendsTraceparent } = config;
  const address = { apiKey, apiKeyFile, baseUrl: shape.baseUrl ?? baseUrl, sendsTraceparent };
  return new OpenAiSource(provider === 'openai' ? model : id, address, shape);
}

/** Where a model is asked; `undefined` for a model of another provider at that provider's own address. */
export function addressOfModel(id: string, config: ModelsConfig): string | undefined {
  const { baseUrl } = shapeOf(id, config);
  return baseUrl ?? (needsPackage(id) ? undefined : (config.baseUrl ?? OPENAI_URL));
}

const shapeOf = (id: string, { requests }: ModelsConfig): RequestShape =>
  requests.get(id) ?? requests.get(ANY_MODEL) ?? {};
