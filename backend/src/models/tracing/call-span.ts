import type { ModelsConfig } from '../../config/config.js';
import { needsPackage, partsOf } from '../../config/model-ids.js';
import { currentSpan, ended, type Span, underSpan } from '../../tracing/span.js';
import type { ModelRequest, ReplySink } from '../model-request.js';
import type { ModelError } from '../model-error.js';
import { samplingOf } from '../sampling.js';

/** The names of the GenAI conventions for providers whose names there differ from LangChain's. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'google-genai': 'gcp.gemini',
  'google-vertexai': 'gcp.vertex_ai',
  azure_openai: 'azure.ai.openai',
  mistralai: 'mistral_ai',
  bedrock: 'aws.bedrock',
  xai: 'x_ai',
};
/** A finish reason comes from the provider, and could be anything. */
const WORD = /^[\w.-]{1,40}$/;

/** What a call tells its observer. */
export interface CallWatch {
  readonly sink: ReplySink;
  readonly failed: (failure: ModelError, attempt: number) => void;
}

/**
 * Runs a call of a model under a span of OpenTelemetry's conventions for generative AI, without prompt and reply.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export function traceCall(
  request: Pick<ModelRequest, 'model' | 'settings'>,
  config: ModelsConfig,
  sink: ReplySink,
  call: (watch: CallWatch) => Promise<void>,
): Promise<void> {
  const span = currentSpan()?.child(`chat ${request.model}`, attributesOf(request, config), 'client');
  if (!span) return call({ sink, failed: () => undefined });
  const watch: CallWatch = {
    sink: watched(sink, span),
    failed: ({ code, details }, attempt) => {
      span.event('attempt failed', { 'error.type': code, attempt, 'http.response.status_code': details['status'] });
    },
  };
  return ended(span, () => underSpan(span, () => call(watch)));
}

function attributesOf(
  { model: id, settings }: Pick<ModelRequest, 'model' | 'settings'>,
  { requests, baseUrl }: ModelsConfig,
) {
  const { provider, model } = partsOf(id);
  const isGuest = needsPackage(id);
  const address = requests.get(id)?.baseUrl ?? (isGuest ? undefined : baseUrl);
  const url = address === undefined ? undefined : new URL(address);
  const { temperature, topP, maxOutputTokens } = samplingOf(settings) ?? {};
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': isGuest ? (PROVIDERS[provider] ?? provider) : 'openai',
    'gen_ai.request.model': isGuest || provider === 'openai' ? model : id,
    'gen_ai.request.temperature': temperature,
    'gen_ai.request.top_p': topP,
    'gen_ai.request.max_tokens': maxOutputTokens,
    'server.address': url?.hostname,
    'server.port': url && Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
  };
}

/** The first text replaces the function that notes it, so the texts after it cost one more call and nothing else. */
function watched(sink: ReplySink, span: Span): ReplySink {
  const watching: ReplySink = {
    text(piece) {
      span.event('first token');
      watching.text = (later) => sink.text(later);
      sink.text(piece);
    },
    usage(usage) {
      span.set({ 'gen_ai.usage.input_tokens': usage.inputTokens, 'gen_ai.usage.output_tokens': usage.outputTokens });
      sink.usage(usage);
    },
    finished(reason) {
      span.set({ 'gen_ai.response.finish_reasons': [WORD.test(reason) ? reason : 'other'] });
    },
  };
  return watching;
}
