/** The providers of `initChatModel`. Any other prefix is part of the name, as in Ollama's `llama3:8b`. */
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

/** The parts of an id such as `anthropic:claude-sonnet-4-5`; `provider` is empty without a colon. */
export function partsOf(id: string): { readonly provider: string; readonly model: string } {
  const colon = id.indexOf(':');
  return { provider: id.slice(0, Math.max(0, colon)), model: id.slice(colon + 1) };
}

/** Whether the model needs a provider's package, which the operator has to install, and that provider's own key. */
export function needsPackage(id: string): boolean {
  const { provider, model } = partsOf(id);
  return PROVIDERS.has(provider) && model !== '';
}
