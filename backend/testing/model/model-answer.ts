import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

/** Writes one answer of OpenAI's chat completions. Methods that write resolve when the system has taken the bytes. */
export class ModelAnswer {
  /** Writes each byte separately. */
  bytewise = false;
  /** Aborted when either side has ended the connection or the answer. */
  readonly gone: AbortSignal;
  readonly #response: ServerResponse;
  readonly #head: object;

  constructor(response: ServerResponse, model: string) {
    this.#response = response;
    const gone = new AbortController();
    this.gone = gone.signal;
    response.once('close', () => gone.abort());
    this.#head = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model };
  }

  get isClosed(): boolean {
    return this.#response.destroyed;
  }

  /** Sends status and headers; the first write does so if this was not called before. */
  head(headers: Record<string, string> = {}): void {
    if (this.#response.headersSent) return;
    const usual = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
    this.#response.writeHead(200, { ...usual, ...headers });
    this.#response.flushHeaders();
  }

  /** One piece of the reply. */
  text(content: string): Promise<void> {
    return this.#choice({ role: 'assistant', content }, null);
  }

  finish(reason: string): Promise<void> {
    return this.#choice({}, reason);
  }

  usage(usage: Usage): Promise<void> {
    return this.event({ choices: [], usage: withTotal(usage) });
  }

  /** Writes the end marker and ends the answer. */
  async done(): Promise<void> {
    await this.raw('data: [DONE]\n\n');
    this.end();
  }

  /** Writes one event of any shape, such as `{error: {...}}` in mid-stream. */
  event(data: object): Promise<void> {
    return this.raw(`data: ${JSON.stringify({ ...this.#head, object: 'chat.completion.chunk', ...data })}\n\n`);
  }

  /** Writes raw bytes, such as half an event or invalid JSON. */
  async raw(bytes: string | Uint8Array): Promise<void> {
    this.head();
    const buffer = Buffer.from(bytes);
    const step = this.bytewise ? 1 : buffer.length;
    for (let at = 0; at < buffer.length && !this.#response.destroyed; at += step) {
      await this.#write(buffer.subarray(at, at + step));
    }
  }

  /** Sends the whole answer as one document, for a client that did not request a stream. */
  document(content: string, usage: Usage): void {
    const message = { role: 'assistant', content, refusal: null };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
    const document = { ...this.#head, object: 'chat.completion', choices, usage: withTotal(usage) };
    this.#response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  }

  /** Ends the answer cleanly, whatever was written before. */
  end(): void {
    this.#response.end();
  }

  /** Breaks the connection with a TCP reset. */
  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }

  /** Sends nothing more until the client disconnects. */
  async stall(): Promise<void> {
    this.head();
    if (this.gone.aborted) return;
    await new Promise((resolve) => this.gone.addEventListener('abort', resolve, { once: true }));
  }

  /** Sends a status other than 200. An object becomes OpenAI's `{error}` document; text and bytes are sent as they are. */
  refuse(status: number, body: string | object, headers: Record<string, string> = {}): void {
    if (Buffer.isBuffer(body)) return void this.#response.writeHead(status, headers).end(body);
    const isText = typeof body === 'string';
    this.#response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    this.#response.end(isText ? body : JSON.stringify({ error: { message: 'scripted', ...body } }));
  }

  #choice(delta: object, reason: string | null): Promise<void> {
    return this.event({ choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] });
  }

  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      // A disconnected client is not an error here: the script continues, and its writes are ignored.
      this.#response.write(bytes, () => setImmediate(resolve));
    });
  }
}

const withTotal = (usage: Usage): object => ({
  ...usage,
  total_tokens: usage.prompt_tokens + usage.completion_tokens,
});
