import { Logger } from '@nestjs/common';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { BaseMessage } from '@langchain/core/messages';
import type { RequestShape } from '../../config/model-requests.js';
import { ConfigError } from '../../config/read-config.js';
import { toModelError } from '../failures/provider-failure.js';
import { ModelError } from '../model-error.js';
import { shaped } from '../prompt.js';
import type { AskOptions, ChunkSink, ReplySource } from '../reply-source.js';
import { reshape, traitsOf } from '../request-shape.js';
import type { Sampling } from '../sampling.js';
import { Untraced } from '../tracing/untraced.js';
import { GuestCall, guestFetch, guestRequest } from './guest-call.js';
import { ProviderCounts } from './provider-counts.js';
import { readMessage } from './provider-message.js';

type Chat = Pick<BaseChatModel, 'stream'>;

/** Providers whose packages may not report a finish reason: their answers count as complete without an error. */
const SILENT: ReadonlySet<string> = new Set(['bedrock', 'cerebras', 'cohere', 'fireworks', 'perplexity', 'together']);
const MAX_CHANGES = 4;
/** OpenAI's names, which the configuration and error messages use. */
const NAMES: Readonly<Record<keyof Sampling, 'temperature' | 'top_p' | 'max_tokens'>> = {
  temperature: 'temperature',
  topP: 'top_p',
  maxOutputTokens: 'max_tokens',
};

/** A model of another provider, through the package that LangChain has for it. */
export class ProviderSource implements ReplySource {
  private readonly logger = new Logger(ProviderSource.name);
  private readonly untraced = new Untraced();

  private constructor(
    private readonly id: string,
    private readonly provider: string,
    private readonly chat: Chat,
    private readonly open: (sampling: Sampling) => Promise<Chat>,
    private shape: RequestShape,
  ) {}

  /**
   * Loads the provider's package, which the operator has to install. The package reads the key from its own environment
   * variable.
   * @throws ConfigError when the package is missing or refuses its configuration
   */
  static async load(id: string, provider: string, model: string, shape: RequestShape): Promise<ProviderSource> {
    // Loaded only for such models, because it loads LangGraph too and takes some 50 MB of memory.
    const { initChatModel } = await import('langchain/chat_models/universal');
    try {
      const options = { modelProvider: provider, maxRetries: 0, ...connectionOf(provider, shape) };
      const open = async (sampling: Sampling): Promise<Chat> => {
        const opened = await initChatModel(model, { ...options, ...fieldsOf(sampling) });
        // Take the package's model itself, which the wrapper would create again for each call.
        return corrected(provider, await opened._getModelInstance(), sampling);
      };
      return new ProviderSource(id, provider, await open({}), open, shape);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new ConfigError(`OPENAI_MODELS: ${id} cannot be used: ${reason}`, { cause: error });
    }
  }

  async ask(messages: BaseMessage[], options: AskOptions, sink: ChunkSink): Promise<void> {
    for (let changes = 0; ; changes += 1) {
      const { shape } = this;
      const sampling = without(options.sampling, shape);
      const said = shaped(messages, shape);
      let hasBegun = false;
      try {
        return await this.askOnce(said, { ...options, sampling }, (chunk) => {
          hasBegun = true;
          sink(chunk);
        });
      } catch (error) {
        const isFinal = hasBegun || changes === MAX_CHANGES;
        const sent = new Set(namesIn(sampling).map((name) => NAMES[name]));
        const traits = traitsOf(said.map((message) => message.getType()));
        const reshaped = isFinal ? undefined : reshape(error, { shape, sent, ...traits });
        if (!reshaped) throw packageError(error);
        this.shape = reshaped.shape;
        const { refused } = reshaped;
        this.logger.warn({ msg: 'The model refuses this: it is omitted from now on', refused, model: this.id });
      }
    }
  }

  private async askOnce(
    messages: BaseMessage[],
    { sampling, stop, requestId, signal }: AskOptions,
    sink: ChunkSink,
  ): Promise<void> {
    const call = new GuestCall(this.id, requestId, signal, () => sink({ text: '' }));
    const counts = new ProviderCounts(this.provider);
    let isFinished = SILENT.has(this.provider);
    try {
      const chat = sampling ? await call.run(() => this.open(sampling)) : this.chat;
      const options = {
        signal: call.signal,
        callbacks: [this.untraced],
        metadata: { requestId },
        ...(stop && { stop: [...stop] }),
      };
      const stream = await call.run(() => chat.stream(messages, options));
      const parts = stream[Symbol.asyncIterator]();
      for (;;) {
        const part = await call.run(() => parts.next());
        if (part.done === true) break;
        const { text, finishReason, counts: counted } = readMessage(part.value);
        counts.add(counted);
        isFinished ||= finishReason !== undefined;
        sink({ text, finishReason });
      }
      const usage = counts.total;
      if (isFinished) sink({ text: '', usage, ...(SILENT.has(this.provider) && { finishReason: 'stop' }) });
    } finally {
      call.end();
    }
  }
}

/**
 * The options that connect the requests of a package to their `GuestCall`, and that set another address. Gemini's
 * package only supports the signal of a call.
 */
function connectionOf(provider: string, { baseUrl }: RequestShape): object {
  const fields: Readonly<Record<string, object>> = {
    anthropic: { clientOptions: { fetch: guestFetch }, ...(baseUrl && { anthropicApiUrl: baseUrl }) },
    mistralai: { beforeRequestHooks: [guestRequest], ...(baseUrl && { serverURL: baseUrl }) },
    ollama: { fetch: guestFetch, ...(baseUrl && { baseUrl }) },
  };
  return fields[provider] ?? (baseUrl ? { baseUrl, configuration: { baseURL: baseUrl } } : {});
}

/** Works around faults of the packages. */
function corrected<T extends object>(provider: string, chat: T, { temperature, topP }: Sampling): T {
  switch (provider) {
    case 'mistralai':
      // The package has its own defaults; unset values must stay unset.
      Object.assign(chat, { temperature, topP });
      break;
    case 'google-genai':
      catchGathering(Reflect.get(chat, 'client'));
      break;
    default:
  }
  return chat;
}

/**
 * Gemini's package also collects each answer into a promise that is not used here. When the connection breaks, that
 * promise would be an unhandled rejection. Similar cases elsewhere are caught by `ProcessFaults`.
 */
function catchGathering(client: unknown): void {
  if (typeof client !== 'object' || client === null) return;
  const stream: unknown = Reflect.get(client, 'generateContentStream');
  if (typeof stream !== 'function') return;
  Reflect.set(client, 'generateContentStream', async (...request: unknown[]) => {
    const answer = (await Reflect.apply(stream, client, request)) as { readonly response?: Promise<unknown> };
    answer.response?.catch(() => undefined);
    return answer;
  });
}

/** Packages throw errors without a status or code. They are not `internal`: this server was only waiting for them. */
function packageError(error: unknown): ModelError {
  const failure = toModelError(error);
  if (failure.code !== 'internal') return failure;
  const isUnreadable = error instanceof TypeError || error instanceof RangeError;
  const { details } = failure;
  return new ModelError(isUnreadable ? 'model_bad_response' : 'model_unavailable', { isTransient: true, details });
}

const namesIn = (sampling: Sampling | undefined): (keyof Sampling)[] =>
  (Object.keys(NAMES) as (keyof Sampling)[]).filter((name) => sampling?.[name] !== undefined);

/** The settings without those that the request shape omits; `undefined` when none is left. */
function without(sampling: Sampling | undefined, { omit = [] }: RequestShape): Sampling | undefined {
  const kept = namesIn(sampling).filter((name) => !omit.includes(NAMES[name]));
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map((name) => [name, sampling?.[name]]));
}

/** The packages agree on all names but that of the limit, which has three. */
function fieldsOf({ maxOutputTokens, ...sampling }: Sampling): Record<string, number | undefined> {
  if (maxOutputTokens === undefined) return sampling;
  return { ...sampling, maxTokens: maxOutputTokens, maxOutputTokens, numPredict: maxOutputTokens };
}
