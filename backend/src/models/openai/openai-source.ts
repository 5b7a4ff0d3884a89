import { Logger } from '@nestjs/common';
import type { BaseMessage } from '@langchain/core/messages';
import { ChatOpenAICompletions, convertMessagesToCompletionsMessageParams } from '@langchain/openai';
import type { ModelsConfig } from '../../config/config.js';
import { currentSpan } from '../../tracing/span.js';
import { ApiKey } from './api-key.js';
import { readCompletion } from './completion-reader.js';
import { HttpFailure, JsonEndpoint } from './json-endpoint.js';
import { OPENAI_URL } from './openai-url.js';
import type { RequestShape } from '../../config/model-requests.js';
import { shaped } from '../prompt.js';
import { type Asked, reshape, traitsOf } from '../request-shape.js';
import type { AskOptions, ChunkSink, ReplySource } from '../reply-source.js';
import type { Sampling } from '../sampling.js';

/** OpenAI logs this header, so that both sides can find the request by the same id. */
const REQUEST_ID = 'X-Client-Request-Id';

/** How many parts of one request may be refused, one after the other. */
const MAX_CHANGES = 6;

type OpenAiConfig = Pick<ModelsConfig, 'apiKey' | 'apiKeyFile' | 'baseUrl' | 'sendsTraceparent'>;

/** The body of a request, and the parts of it that may be refused. */
interface Writing {
  readonly document: object;
  readonly asked: Asked;
}

/**
 * Any server with OpenAI's chat completions API. LangChain builds the request, with the parameter names of each model;
 * `JsonEndpoint` sends it and `readCompletion` reads the answer, because LangChain's stream creates several objects and
 * promises for each token.
 *
 * Servers accept different requests. A part that a server refuses is omitted or replaced from then on, for this model.
 */
export class OpenAiSource implements ReplySource {
  private readonly logger = new Logger(OpenAiSource.name);
  private readonly endpoint: JsonEndpoint;
  private readonly key: ApiKey;
  private readonly chat: ChatOpenAICompletions;

  constructor(
    private readonly model: string,
    private readonly config: OpenAiConfig,
    private shape: RequestShape = {},
  ) {
    const url = new URL(config.baseUrl ?? OPENAI_URL);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
    this.endpoint = new JsonEndpoint(url);
    this.key = new ApiKey(config);
    this.chat = this.open();
  }

  async ask(
    messages: BaseMessage[],
    { sampling, stop, requestId, signal }: AskOptions,
    sink: ChunkSink,
  ): Promise<void> {
    // LangChain takes these settings with the model, not with the request; creating a model costs 11 us.
    const chat = sampling ? this.open(sampling) : this.chat;
    const headers = {
      Accept: 'text/event-stream, application/json',
      Authorization: `Bearer ${await this.key.read()}`,
      ...this.traceHeader(),
      [REQUEST_ID]: requestId,
    };
    for (let changes = 0; ; changes += 1) {
      const { document, asked } = this.write(chat, messages, stop);
      try {
        // In the same turn of the event loop, so that no event of the body is missed.
        return await readCompletion(await this.endpoint.post(document, { headers, signal }), sink);
      } catch (error) {
        const reshaped = error instanceof HttpFailure && changes < MAX_CHANGES ? reshape(error, asked) : undefined;
        if (!reshaped) throw error;
        this.shape = reshaped.shape;
        const { refused } = reshaped;
        this.logger.warn({ msg: 'The model refuses this: it is omitted from now on', refused, model: this.model });
      }
    }
  }

  /** Only for the operator's own server: OpenAI has no use for it, and could connect requests by it. */
  private traceHeader(): { traceparent?: string } {
    const { sendsTraceparent, baseUrl } = this.config;
    const span = sendsTraceparent && baseUrl !== undefined ? currentSpan() : undefined;
    return span ? { traceparent: span.traceparent } : {};
  }

  private write(chat: ChatOpenAICompletions, messages: BaseMessage[], stop?: readonly string[]): Writing {
    const { shape } = this;
    const { systemRole = 'system', limitName, omit = [] } = shape;
    const { max_tokens, max_completion_tokens, ...others } = chat.invocationParams(stop && { stop: [...stop] }, {
      streaming: true,
    });
    const limit = max_tokens ?? max_completion_tokens;
    const ownName = max_tokens === undefined ? 'max_completion_tokens' : 'max_tokens';
    const parameters: Record<string, unknown> = {
      ...others,
      stream: true,
      ...(limit && { [limitName ?? ownName]: limit }),
    };
    for (const name of omit) delete parameters[name];
    if (omit.includes('stream')) delete parameters['stream_options'];
    if (omit.includes('max_tokens')) delete parameters[limitName ?? ownName];
    const written = convertMessagesToCompletionsMessageParams({ messages: shaped(messages, shape), model: this.model });
    const isSystem = (role: string): boolean => role === 'system' || role === 'developer';
    return {
      document: {
        ...parameters,
        messages: written.map((one) => (isSystem(one.role) ? { ...one, role: systemRole } : one)),
      },
      asked: {
        shape,
        ...traitsOf(written.map(({ role }) => role)),
        sent: new Set(Object.keys(parameters).filter((name) => parameters[name] !== undefined)),
      },
    };
  }

  private open(sampling?: Sampling): ChatOpenAICompletions {
    const { apiKey, baseUrl = OPENAI_URL } = this.config;
    // Set explicitly, because the SDK would otherwise read them from the environment.
    const configuration = { baseURL: baseUrl, logLevel: 'off' as const };
    return new ChatOpenAICompletions({
      model: this.model,
      apiKey,
      configuration,
      streamUsage: true,
      ...fieldsOf(sampling),
    });
  }
}

/** The settings under LangChain's names; unset ones must not be sent. */
function fieldsOf({ maxOutputTokens, ...sampling }: Sampling = {}): { maxTokens?: number } {
  return { ...sampling, ...(maxOutputTokens !== undefined && { maxTokens: maxOutputTokens }) };
}
