import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { BaseMessage } from '@langchain/core/messages';
import { ConfigError } from '../config/read-config.js';
import { readMessage } from './reply-chunk.js';
import type { AskOptions, ReplyChunk, ReplySource } from './reply-source.js';

/** A model of another provider, through the package that LangChain has for it. */
export class ProviderSource implements ReplySource {
  private constructor(private readonly chat: Pick<BaseChatModel, 'stream'>) {}

  /**
   * Loads the provider's package, which the operator has installed, and takes the key from that provider's own
   * environment variable.
   * @throws ConfigError when the package is missing or does not accept what it finds.
   */
  static async load(id: string, provider: string, model: string): Promise<ProviderSource> {
    // Loaded only when an id asks for it: it brings in LangGraph and some 50 MB of memory.
    const { initChatModel } = await import('langchain/chat_models/universal');
    try {
      return new ProviderSource(await initChatModel(model, { modelProvider: provider, maxRetries: 0 }));
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new ConfigError(`OPENAI_MODELS: ${id} cannot be used: ${reason}`, { cause: error });
    }
  }

  async *ask(messages: BaseMessage[], { requestId, signal }: AskOptions): AsyncGenerator<ReplyChunk> {
    let isFinished = false;
    for await (const message of await this.chat.stream(messages, { signal, callbacks: [], metadata: { requestId } })) {
      const chunk = readMessage(message);
      isFinished ||= chunk.finishReason !== undefined;
      yield chunk;
    }
    // Not every package passes the reason on; what ended without an error then counts as finished.
    if (!isFinished) yield { text: '', finishReason: 'stop' };
  }
}
