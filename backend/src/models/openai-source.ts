import type { BaseMessage } from '@langchain/core/messages';
import { ChatOpenAICompletions, type OpenAIClient } from '@langchain/openai';
import type { ModelsConfig } from '../config/config.js';
import { type CompletionChunk, readCompletion } from './completion-stream.js';
import { postJson } from './post-json.js';
import { readMessage } from './reply-chunk.js';
import type { AskOptions, ReplyChunk, ReplySource } from './reply-source.js';
import type { Sampling } from './sampling.js';

type StreamingRequest = OpenAIClient.Chat.ChatCompletionCreateParamsStreaming;
type WholeRequest = OpenAIClient.Chat.ChatCompletionCreateParamsNonStreaming;

const OPENAI_URL = 'https://api.openai.com/v1';
/** OpenAI keeps this header with the request, so that both sides can find it by the same id. */
const REQUEST_ID = 'X-Client-Request-Id';

type OpenAiConfig = Pick<ModelsConfig, 'apiKey' | 'baseUrl' | 'wallClockMs'>;

/**
 * LangChain's model for OpenAI's chat completions, which every compatible server speaks, with another way to read its
 * streams: LangChain makes the request and the messages, `postJson` and `readCompletion` bring the bytes and cut them.
 * The client of the SDK makes one object, several promises and a JSON text of its own for each token.
 */
export class StreamingChatOpenAI extends ChatOpenAICompletions {
  private readonly endpoint: URL;
  private readonly authorization: string;

  constructor(model: string, { apiKey, baseUrl = OPENAI_URL, wallClockMs }: OpenAiConfig, sampling?: Sampling) {
    // Retries and time limits are this folder's own: the SDK's timeout ends with the response's head. What is named
    // here is what the SDK would otherwise look for in the environment.
    const configuration = { baseURL: baseUrl, logLevel: 'off' as const };
    super({
      model,
      apiKey,
      configuration,
      maxRetries: 0,
      timeout: wallClockMs,
      streamUsage: true,
      ...fieldsOf(sampling),
    });
    this.endpoint = new URL(baseUrl);
    this.endpoint.pathname = `${this.endpoint.pathname.replace(/\/+$/, '')}/chat/completions`;
    this.authorization = `Bearer ${apiKey}`;
  }

  override completionWithRetry(
    request: StreamingRequest,
    options?: OpenAIClient.RequestOptions,
  ): Promise<AsyncIterable<CompletionChunk>>;
  override completionWithRetry(
    request: WholeRequest,
    options?: OpenAIClient.RequestOptions,
  ): Promise<OpenAIClient.Chat.Completions.ChatCompletion>;
  override async completionWithRetry(
    request: StreamingRequest | WholeRequest,
    options?: OpenAIClient.RequestOptions,
  ): Promise<AsyncIterable<CompletionChunk> | OpenAIClient.Chat.Completions.ChatCompletion> {
    if (!request.stream) return super.completionWithRetry(request, options);
    const headers = { Accept: 'text/event-stream', Authorization: this.authorization, ...requestIdIn(options) };
    return readCompletion(await postJson(this.endpoint, request, { headers, signal: options?.signal ?? undefined }));
  }
}

/** Any server that speaks OpenAI's chat completions. */
export class OpenAiSource implements ReplySource {
  private readonly chat: StreamingChatOpenAI;

  constructor(
    private readonly model: string,
    private readonly config: OpenAiConfig,
  ) {
    this.chat = new StreamingChatOpenAI(model, config);
  }

  /** Goes past `Runnable.stream`, whose callbacks and tracing nobody listens to and which add much to each token. */
  async *ask(messages: BaseMessage[], { sampling, requestId, signal }: AskOptions): AsyncGenerator<ReplyChunk> {
    const options = { signal, headers: { [REQUEST_ID]: requestId } };
    // LangChain takes these with the model, not with the request.
    const chat = sampling ? new StreamingChatOpenAI(this.model, this.config, sampling) : this.chat;
    for await (const { message, generationInfo } of chat._streamResponseChunks(messages, options)) {
      yield readMessage(message, generationInfo);
    }
  }
}

/** LangChain's names; what is not set must not be sent. */
function fieldsOf({ maxOutputTokens, ...sampling }: Sampling = {}): { maxTokens?: number } {
  return { ...sampling, ...(maxOutputTokens !== undefined && { maxTokens: maxOutputTokens }) };
}

function requestIdIn(options: OpenAIClient.RequestOptions | undefined): Record<string, string> {
  const id: unknown = options?.headers && REQUEST_ID in options.headers ? options.headers[REQUEST_ID] : undefined;
  return typeof id === 'string' ? { [REQUEST_ID]: id } : {};
}
