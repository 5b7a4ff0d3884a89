import type { OpenAIClient } from '@langchain/openai';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Readable } from 'node:stream';
import { ModelError } from './model-error.js';
import { toModelError } from './provider-failure.js';

export type CompletionChunk = OpenAIClient.Chat.Completions.ChatCompletionChunk;

const MAX_EVENT_LENGTH = 1_000_000;
const RELEASE_MS = 500;

/**
 * Reads a stream of server-sent events into chunks of a chat completion, one for each read of the network instead of
 * one for each event. Everything above pays for each chunk, so that a busy process, whose reads bring many tokens at
 * once, pays little for each token; and a token that comes alone is not kept waiting.
 * @throws ModelError when an event is unreadable or is an error, or when the body holds no event at all.
 */
export async function* readCompletion(body: Readable): AsyncGenerator<CompletionChunk> {
  const gathered = new Gathered();
  const parser = createParser({
    onEvent: (event) => gathered.add(event),
    maxBufferSize: MAX_EVENT_LENGTH,
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') gathered.fail(new ModelError('model_bad_response'));
    },
  });
  const decoder = new TextDecoder();
  try {
    for await (const bytes of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      if (!gathered.failure) parser.feed(decoder.decode(bytes, { stream: true }));
      const chunk = gathered.take();
      if (chunk) yield chunk;
      if (gathered.failure) throw gathered.failure;
      if (gathered.isDone) return;
    }
  } finally {
    if (gathered.isDone) release(body);
    else body.destroy();
  }
  if (!gathered.hasEvents) throw new ModelError('model_bad_response', { isTransient: true });
}

/** Lets the end of a complete answer arrive, since a connection that is read to its end can be used again. */
function release(body: Readable): void {
  if (body.destroyed) return;
  const patience = setTimeout(() => body.destroy(), RELEASE_MS).unref();
  body.once('close', () => clearTimeout(patience)).resume();
}

/** Several events of one stream put together as if the model had sent them in one. */
class Gathered {
  hasEvents = false;
  isDone = false;
  failure: ModelError | undefined;
  private last: CompletionChunk | undefined;
  private text = '';
  private finishReason: CompletionChunk['choices'][number]['finish_reason'] = null;
  private isThinking = false;
  private isFinished = false;
  private usage: CompletionChunk['usage'];

  add(event: EventSourceMessage): void {
    this.hasEvents = true;
    if (this.isDone || this.failure) return;
    if (event.data === '[DONE]') {
      this.isDone = true;
      return;
    }
    let data: unknown;
    try {
      data = JSON.parse(event.data);
    } catch (error) {
      // Only the kind of the error is of use: its message quotes the text.
      return this.fail(toModelError(error));
    }
    if (typeof data !== 'object' || data === null) return this.fail(new ModelError('model_bad_response'));
    if ('error' in data && data.error) return this.fail(toModelError(data.error, true));
    if (event.event === 'error') return this.fail(toModelError(data, true));
    this.gather(data as CompletionChunk);
  }

  fail(failure: ModelError): void {
    this.failure ??= failure;
  }

  /** What has come since the last call, or nothing. */
  take(): CompletionChunk | undefined {
    const { last } = this;
    if (!last) return undefined;
    const thinking = this.isThinking ? { reasoning_content: '' } : {};
    const chunk: CompletionChunk = {
      ...last,
      choices: [
        { index: 0, delta: { role: 'assistant', content: this.text, ...thinking }, finish_reason: this.finishReason },
      ],
      ...(this.usage ? { usage: this.usage } : {}),
    };
    this.last = undefined;
    this.text = '';
    this.finishReason = null;
    this.isThinking = false;
    this.usage = undefined;
    return chunk;
  }

  private gather(chunk: CompletionChunk): void {
    this.last = chunk;
    if (chunk.usage) this.usage = chunk.usage;
    const choice = chunk.choices?.[0];
    if (!choice) {
      // The counts come last. A server that forgets its end marker is not waited for.
      if (chunk.usage && this.isFinished) this.isDone = true;
      return;
    }
    const { delta } = choice;
    const text = delta?.content ?? delta?.refusal;
    if (typeof text === 'string') this.text += text;
    if (delta && ('reasoning_content' in delta || 'reasoning' in delta)) this.isThinking = true;
    if (!choice.finish_reason) return;
    this.finishReason = choice.finish_reason;
    this.isFinished = true;
  }
}
