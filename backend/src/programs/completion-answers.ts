import type { Response } from 'express';
import { callFailureOf } from '../common/program-error.js';
import type { Usage } from '../protocol/index.js';
import type { Completion, CompletionUsage, FinishReason } from '../protocol/openai/answers.js';

/** The parts that every chunk of an answer repeats. `created` is in seconds since 1970. */
export interface CompletionHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export interface CompletionEnd {
  readonly finishReason: FinishReason;
  readonly usage: Usage | undefined;
}

/** Writes one answer. `fail` throws the error again as long as the answer can still have its status. */
export interface CompletionAnswer extends Disposable {
  text(text: string): void;
  end(end: CompletionEnd): void;
  fail(error: unknown): void;
}

/** The answer as one JSON document. */
export class WholeAnswer implements CompletionAnswer {
  private content = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: Response,
    private readonly head: CompletionHead,
    private readonly keepAliveMs: number,
  ) {}

  /**
   * From the first text on a failure is rare, so the status can be sent: line breaks then keep proxies from closing the
   * connection, as for `POST /api/chat`.
   */
  text(text: string): void {
    this.content += text;
    this.timer ??= setInterval(() => {
      if (!this.response.headersSent) this.response.status(200).type('application/json');
      this.response.write('\n');
    }, this.keepAliveMs);
  }

  end({ finishReason, usage }: CompletionEnd): void {
    const message = { role: 'assistant', content: this.content, refusal: null } as const;
    const { id, created, model } = this.head;
    const completion: Completion = {
      id,
      object: 'chat.completion',
      created,
      model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
      usage: countsOf(usage),
    };
    if (this.response.headersSent) this.response.end(JSON.stringify(completion));
    else this.response.status(200).json(completion);
  }

  /** With the status 200 already sent, only a broken connection tells the client. */
  fail(error: unknown): void {
    if (!this.response.headersSent) throw error;
    this.response.destroy();
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }
}

/** The answer as server-sent events: chunks, then `[DONE]`. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class StreamedAnswer implements CompletionAnswer {
  private readonly timer: NodeJS.Timeout;
  private hasBegun = false;

  constructor(
    private readonly response: Response,
    private readonly head: CompletionHead,
    private readonly options: { readonly includesUsage: boolean; readonly keepAliveMs: number },
  ) {
    this.timer = setInterval(() => {
      this.sendHeaders();
      this.response.write(': waiting\n\n');
    }, options.keepAliveMs);
  }

  text(text: string): void {
    this.begin();
    this.chunk({ content: text }, null);
  }

  end({ finishReason, usage }: CompletionEnd): void {
    this.begin();
    this.chunk({}, finishReason);
    if (this.options.includesUsage) this.send({ ...this.start, choices: [], usage: countsOf(usage) });
    this.response.end('data: [DONE]\n\n');
  }

  fail(error: unknown): void {
    if (!this.response.headersSent) throw error;
    this.send(callFailureOf(error).document);
    this.response.end();
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }

  private begin(): void {
    this.sendHeaders();
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.chunk({ role: 'assistant', content: '' }, null);
  }

  private sendHeaders(): void {
    if (this.response.headersSent) return;
    // Without the last header nginx would collect the events.
    this.response.status(200).type('text/event-stream').setHeader('X-Accel-Buffering', 'no');
    this.response.flushHeaders();
  }

  private get start() {
    const { id, created, model } = this.head;
    return { id, object: 'chat.completion.chunk', created, model };
  }

  private chunk(delta: { role?: 'assistant'; content?: string }, finishReason: FinishReason | null): void {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
    this.send({ ...this.start, choices, ...(this.options.includesUsage && { usage: null }) });
  }

  private send(document: object): void {
    this.response.write(`data: ${JSON.stringify(document)}\n\n`);
  }
}

const countsOf = ({ inputTokens, outputTokens }: Usage = { inputTokens: 0, outputTokens: 0 }): CompletionUsage => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
});
