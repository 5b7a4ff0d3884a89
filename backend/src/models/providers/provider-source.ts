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
import { GuestCall, guestFetch, guestRequest } from './guest-call.js';
import { ProviderCounts } from './provider-counts.js';
import { readMessage } from './provider-message.js';

type Chat = Pick<BaseChatModel, 'stream'>;

/** Their packages may keep the reason of an end to themselves: what ended without an error is then complete. */
const SILENT: ReadonlySet<string> = new Set(['bedrock', 'cerebras', 'cohere', 'fireworks', 'perplexity', 'together']);
const MAX_CHANGES = 4;
/** By OpenAI's names, as configuration and refusals have them. */
const NAMES: Readonly<Record<keyof Sampling, 'temperature' | 'top_p' | 'max_tokens'>> = {
  temperature: 'temperature',
  topP: 'top_p',
  maxOutputTokens: 'max_tokens',
};

/** A model of another provider, through the package that LangChain has for it. */
export class ProviderSource implements ReplySource {
  private readonly logger = new Logger(ProviderSource.name);

  private constructor(
    private readonly id: string,
    private readonly provider: string,
    private readonly chat: Chat,
    private readonly open: (sampling: Sampling) => Promise<Chat>,
    private shape: RequestShape,
  ) {}

  /**
   * Loads the provider's package, which the operator has installed, and takes the key from that provider's own
   * environment variable.
   * @throws ConfigError when the package is missing or does not accept what it finds.
   */
  static async load(id: string, provider: string, model: string, shape: RequestShape): Promise<ProviderSource> {
    // Loaded only when an id asks for it: it brings in LangGraph and some 50 MB of memory.
    const { initChatModel } = await import('langchain/chat_models/universal');
    try {
      const options = { modelProvider: provider, maxRetries: 0, ...connectionOf(provider, shape) };
      const open = async (sampling: Sampling): Promise<Chat> => {
        const opened = await initChatModel(model, { ...options, ...fieldsOf(sampling) });
        // What it opens by itself with each call is a model of the package: this very one.
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
        this.logger.warn({ msg: 'The model takes no such request: from now on without', refused, model: this.id });
      }
    }
  }

  private async askOnce(
    messages: BaseMessage[],
    { sampling, requestId, signal }: AskOptions,
    sink: ChunkSink,
  ): Promise<void> {
    const call = new GuestCall(this.id, requestId, signal, () => sink({ text: '' }));
    const counts = new ProviderCounts(this.provider);
    let isFinished = SILENT.has(this.provider);
    try {
      const chat = sampling ? await call.run(() => this.open(sampling)) : this.chat;
      const options = { signal: call.signal, callbacks: [], metadata: { requestId } };
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
 * What ties a package's connection to the call that it is made for, and its address where it is another one. Gemini's
 * takes the signal of a call and nothing else.
 */
function connectionOf(provider: string, { baseUrl }: RequestShape): object {
  const fields: Readonly<Record<string, object>> = {
    anthropic: { clientOptions: { fetch: guestFetch }, ...(baseUrl && { anthropicApiUrl: baseUrl }) },
    mistralai: { beforeRequestHooks: [guestRequest], ...(baseUrl && { serverURL: baseUrl }) },
    ollama: { fetch: guestFetch, ...(baseUrl && { baseUrl }) },
  };
  return fields[provider] ?? (baseUrl ? { baseUrl, configuration: { baseURL: baseUrl } } : {});
}

/** The package's model without what is wrong with it. */
function corrected<T extends object>(provider: string, chat: T, { temperature, topP }: Sampling): T {
  switch (provider) {
    case 'mistralai':
      // The package has values of its own for what nobody has set.
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
 * Gemini's package gathers each answer a second time, for whoever asks; nobody does, and when the connection breaks the
 * gathering fails for nobody. What slips through in this way elsewhere is caught by `ProcessFaults`.
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

/** Packages have errors without a status or a code; such a one is never a mistake of ours, who only wait. */
function packageError(error: unknown): ModelError {
  const failure = toModelError(error);
  if (failure.code !== 'internal') return failure;
  const isUnreadable = error instanceof TypeError || error instanceof RangeError;
  const { details } = failure;
  return new ModelError(isUnreadable ? 'model_bad_response' : 'model_unavailable', { isTransient: true, details });
}

const namesIn = (sampling: Sampling | undefined): (keyof Sampling)[] =>
  (Object.keys(NAMES) as (keyof Sampling)[]).filter((name) => sampling?.[name] !== undefined);

/** `undefined` where nothing is left. */
function without(sampling: Sampling | undefined, { omit = [] }: RequestShape): Sampling | undefined {
  const kept = namesIn(sampling).filter((name) => !omit.includes(NAMES[name]));
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map((name) => [name, sampling?.[name]]));
}

/** The packages agree on the names of all but the last, which has three. */
function fieldsOf({ maxOutputTokens, ...sampling }: Sampling): Record<string, number | undefined> {
  if (maxOutputTokens === undefined) return sampling;
  return { ...sampling, maxTokens: maxOutputTokens, maxOutputTokens, numPredict: maxOutputTokens };
}
