import type { BaseMessage } from '@langchain/core/messages';
import { ChatOpenAICompletions, convertMessagesToCompletionsMessageParams } from '@langchain/openai';
import type { ModelsConfig } from '../config/config.js';
import { readCompletion } from './completion-reader.js';
import { JsonEndpoint } from './json-endpoint.js';
import type { AskOptions, ChunkSink, ReplySource } from './reply-source.js';
import type { Sampling } from './sampling.js';

const OPENAI_URL = 'https://api.openai.com/v1';
/** OpenAI keeps this header with the request, so that both sides can find it by the same id. */
const REQUEST_ID = 'X-Client-Request-Id';

type OpenAiConfig = Pick<ModelsConfig, 'apiKey' | 'baseUrl'>;

/**
 * Any server that speaks OpenAI's chat completions. LangChain writes the request, with the names that each model has for
 * its parameters; `JsonEndpoint` sends it and `readCompletion` reads the answer. LangChain's own stream makes
 * several objects and promises of each token.
 */
export class OpenAiSource implements ReplySource {
  private readonly endpoint: JsonEndpoint;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly chat: ChatOpenAICompletions;

  constructor(
    private readonly model: string,
    private readonly config: OpenAiConfig,
  ) {
    const { apiKey, baseUrl = OPENAI_URL } = config;
    const url = new URL(baseUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
    this.endpoint = new JsonEndpoint(url);
    this.headers = { Accept: 'text/event-stream', Authorization: `Bearer ${apiKey}` };
    this.chat = this.open();
  }

  async ask(messages: BaseMessage[], { sampling, requestId, signal }: AskOptions, sink: ChunkSink): Promise<void> {
    // LangChain takes these with the model, not with the request; one more model costs it 11 us.
    const chat = sampling ? this.open(sampling) : this.chat;
    const request = {
      ...chat.invocationParams(undefined, { streaming: true }),
      messages: convertMessagesToCompletionsMessageParams({ messages, model: this.model }),
      stream: true,
    };
    const headers = { ...this.headers, [REQUEST_ID]: requestId };
    await readCompletion(await this.endpoint.post(request, { headers, signal }), sink);
  }

  private open(sampling?: Sampling): ChatOpenAICompletions {
    const { apiKey, baseUrl = OPENAI_URL } = this.config;
    // What is named here is what the SDK would otherwise look for in the environment.
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

/** LangChain's names; what is not set must not be sent. */
function fieldsOf({ maxOutputTokens, ...sampling }: Sampling = {}): { maxTokens?: number } {
  return { ...sampling, ...(maxOutputTokens !== undefined && { maxTokens: maxOutputTokens }) };
}
