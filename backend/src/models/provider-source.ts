import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { BaseMessage } from '@langchain/core/messages';
import { ConfigError } from '../config/read-config.js';
import { readMessage } from './provider-message.js';
import type { AskOptions, ChunkSink, ReplySource } from './reply-source.js';
import type { Sampling } from './sampling.js';

type Chat = Pick<BaseChatModel, 'stream'>;

/** A model of another provider, through the package that LangChain has for it. */
export class ProviderSource implements ReplySource {
  private constructor(
    private readonly chat: Chat,
    private readonly open: (sampling: Sampling) => Promise<Chat>,
  ) {}

  /**
   * Loads the provider's package, which the operator has installed, and takes the key from that provider's own
   * environment variable.
   * @throws ConfigError when the package is missing or does not accept what it finds.
   */
  static async load(id: string, provider: string, model: string): Promise<ProviderSource> {
    // Loaded only when an id asks for it: it brings in LangGraph and some 50 MB of memory.
    const { initChatModel } = await import('langchain/chat_models/universal');
    try {
      const options = { modelProvider: provider, maxRetries: 0 };
      return new ProviderSource(await initChatModel(model, options), (sampling) =>
        initChatModel(model, { ...options, ...fieldsOf(sampling) }),
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new ConfigError(`OPENAI_MODELS: ${id} cannot be used: ${reason}`, { cause: error });
    }
  }

  async ask(messages: BaseMessage[], { sampling, requestId, signal }: AskOptions, sink: ChunkSink): Promise<void> {
    const chat = sampling ? await this.open(sampling) : this.chat;
    let isFinished = false;
    // A sink that throws leaves the loop, which closes the connection.
    for await (const message of await chat.stream(messages, { signal, callbacks: [], metadata: { requestId } })) {
      const chunk = readMessage(message);
      isFinished ||= chunk.finishReason !== undefined;
      sink(chunk);
    }
    // Not every package passes the reason on; what ended without an error then counts as finished.
    if (!isFinished) sink({ text: '', finishReason: 'stop' });
  }
}

/** The packages agree on the names of all but the last, which has three. */
function fieldsOf({ maxOutputTokens, ...sampling }: Sampling): Record<string, number | undefined> {
  if (maxOutputTokens === undefined) return sampling;
  return { ...sampling, maxTokens: maxOutputTokens, maxOutputTokens, numPredict: maxOutputTokens };
}
