import { randomUUID } from 'node:crypto';

/** Makes the documents of OpenAI's chat completions API for one answer. */
export class Completion {
  private readonly id = `chatcmpl-${randomUUID()}`;
  private readonly created = Math.floor(Date.now() / 1000);

  constructor(private readonly model: string) {}

  /** One chunk of a stream, as a server-sent event. */
  event(delta: { role?: 'assistant'; content?: string }, finishReason: 'stop' | 'length' | null = null): string {
    return this.chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] });
  }

  usageEvent(promptTokens: number, completionTokens: number): string {
    return this.chunk({ choices: [], usage: usage(promptTokens, completionTokens) });
  }

  /** The whole answer, for who did not ask for a stream. */
  document(content: string, promptTokens: number, completionTokens: number): object {
    return {
      id: this.id,
      object: 'chat.completion',
      created: this.created,
      model: this.model,
      choices: [
        { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
      ],
      usage: usage(promptTokens, completionTokens),
    };
  }

  private chunk(fields: object): string {
    const head = { id: this.id, object: 'chat.completion.chunk', created: this.created, model: this.model };
    return `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
  }
}

/** OpenAI's shape of an error. */
export function errorDocument(message: string, type: string, code: string | null = null): object {
  return { error: { message, type, param: null, code } };
}

function usage(promptTokens: number, completionTokens: number): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
