import type { ModelsConfig } from '../config/config.js';
import { OpenAiSource } from './openai-source.js';
import { ProviderSource } from './provider-source.js';
import type { ReplySource } from './reply-source.js';

/** Providers that `initChatModel` knows. Any other prefix belongs to the name, as in Ollama's `llama3:8b`. */
const PROVIDERS: ReadonlySet<string> = new Set([
  'anthropic',
  'azure_openai',
  'bedrock',
  'cerebras',
  'cohere',
  'deepseek',
  'fireworks',
  'google',
  'google-genai',
  'google-vertexai',
  'google-vertexai-web',
  'groq',
  'mistralai',
  'ollama',
  'perplexity',
  'together',
  'xai',
]);

/**
 * Makes the model that an id of the configuration stands for: `provider:model`, or the name of a model
 * of the configured OpenAI-compatible API.
 * @throws ConfigError when the provider's package is not installed.
 */
export async function openModel(id: string, config: ModelsConfig): Promise<ReplySource> {
  const colon = id.indexOf(':');
  const provider = id.slice(0, Math.max(0, colon));
  const model = id.slice(colon + 1);
  if (PROVIDERS.has(provider) && model !== '') return ProviderSource.load(id, provider, model);
  return new OpenAiSource(provider === 'openai' ? model : id, config);
}
