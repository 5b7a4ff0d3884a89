import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TITLE_INSTRUCTION } from '../src/models/titles/title-instruction.js';

/** What the server does with one request; it may await, stall and break the connection as it likes. */
export type Script = (answer: ModelAnswer, request: ReceivedRequest) => void | Promise<void>;

/** The part of a chat completion request that tests look at. */
export interface CompletionBody {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly temperature?: number;
  readonly top_p?: number;
  readonly max_tokens?: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** One request as it arrived. `closed` is fulfilled when its connection or its answer has ended, either side. */
export interface ReceivedRequest {
  readonly body: CompletionBody;
  readonly headers: IncomingHttpHeaders;
  readonly closed: Promise<void>;
}

export interface SaysOptions {
  /** Pause before each piece, in milliseconds. */
  readonly delayMs?: number;
  /** `null` leaves out the last chunk, the usage and the end marker: a cleanly truncated answer. */
  readonly finishReason?: string | null;
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
  /** Writes each byte by itself. */
  readonly bytewise?: boolean;
}

/** An answer that streams these pieces and ends as a real model does. */
export function says(pieces: readonly string[], options: SaysOptions = {}): Script {
  return async (answer) => {
    answer.bytewise = options.bytewise ?? false;
    for (const piece of pieces) {
      if (options.delayMs) await delay(options.delayMs);
      // Nobody listens any more: the rest would only keep the test waiting.
      if (answer.isClosed) return;
      await answer.text(piece);
    }
    if (options.finishReason === null) return answer.end();
    await answer.finish(options.finishReason ?? 'stop');
    await answer.usage(options.usage ?? { prompt_tokens: 7, completion_tokens: pieces.length });
    await answer.done();
  };
}

/** An answer with a status other than 200. An object becomes OpenAI's `{error}` document, a string is sent as it is. */
export function refuses(status: number, body: string | object = {}, headers: Record<string, string> = {}): Script {
  return (answer) => answer.refuse(status, body, headers);
}

/** One answer being written. Every method that writes waits until the system took the bytes. */
export class ModelAnswer {
  bytewise = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly closed: Promise<void>,
  ) {}

  get isClosed(): boolean {
    return this.response.destroyed;
  }

  /** Sends the head; called by the first write if not before. */
  head(headers: Record<string, string> = {}): void {
    if (this.response.headersSent) return;
    this.response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers });
    this.response.flushHeaders();
  }

  /** One piece of the reply. */
  text(content: string): Promise<void> {
    return this.event({ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }] });
  }

  finish(reason: string): Promise<void> {
    return this.event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  }

  usage(usage: { readonly prompt_tokens: number; readonly completion_tokens: number }): Promise<void> {
    return this.event({
      choices: [],
      usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
    });
  }

  /** The end marker, and the end of the answer. */
  async done(): Promise<void> {
    await this.raw('data: [DONE]\n\n');
    this.end();
  }

  /** One event of any shape, such as `{error: {...}}` in mid-stream. */
  event(data: object): Promise<void> {
    return this.raw(`data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', ...data })}\n\n`);
  }

  /** Bytes as they are, such as half an event or broken JSON. */
  async raw(bytes: string | Uint8Array): Promise<void> {
    this.head();
    const buffer = Buffer.from(bytes);
    const step = this.bytewise ? 1 : buffer.length;
    for (let at = 0; at < buffer.length && !this.response.destroyed; at += step) {
      await this.write(buffer.subarray(at, at + step));
    }
  }

  /** Ends the answer cleanly, whatever was said before. */
  end(): void {
    this.response.end();
  }

  /** Breaks the connection with a TCP reset. */
  reset(): void {
    this.response.socket?.resetAndDestroy();
  }

  /** Says nothing more until the client goes away. */
  async stall(): Promise<void> {
    this.head();
    await this.closed;
  }

  refuse(status: number, body: string | object, headers: Record<string, string>): void {
    if (Buffer.isBuffer(body)) return void this.response.writeHead(status, headers).end(body);
    const isText = typeof body === 'string';
    this.response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    this.response.end(isText ? body : JSON.stringify({ error: { message: 'scripted', ...body } }));
  }

  private write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      // A client that left is no error here: the script goes on and its writes lead nowhere.
      this.response.write(bytes, () => setImmediate(resolve));
    });
  }
}

/**
 * A small server that speaks OpenAI's chat completions API over real HTTP and does what a test tells it:
 * `server.next(script)` for the next request, `server.otherwise = script` for all that follow.
 * Requests for titles are told apart by their instruction, so that they never use up a script.
 */
export class ModelServer implements AsyncDisposable {
  /** Requests for replies, in order of arrival. */
  readonly requests: ReceivedRequest[] = [];
  readonly titleRequests: ReceivedRequest[] = [];
  otherwise: Script = says(['Hello', ', ', 'world', '!']);
  titles: Script = says(['A short title']);
  private readonly scriptErrors: unknown[] = [];
  private readonly scripts: Script[] = [];
  private readonly arrivals = new Set<() => void>();
  private open = 0;
  private accepted = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', () => (this.accepted += 1));
    server.on('request', (request, response) => {
      this.answer(request, response).catch((error: unknown) => this.scriptErrors.push(error));
    });
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(): Promise<ModelServer> {
    const server = createServer({ noDelay: true });
    const started = new ModelServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return started;
  }

  /** What `OPENAI_BASE_URL` takes. */
  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** Answers that have begun or are awaited, and have not ended. */
  get openAnswers(): number {
    return this.open;
  }

  /** Connections that clients have made so far. */
  get connections(): number {
    return this.accepted;
  }

  /** Adds scripts for the next requests, one each. */
  next(...scripts: Script[]): void {
    this.scripts.push(...scripts);
  }

  /** Waits for the request of this number, counting from 0. */
  async request(index: number): Promise<ReceivedRequest> {
    for (;;) {
      const request = this.requests[index];
      if (request) return request;
      await new Promise<void>((resolve) => this.arrivals.add(resolve));
    }
  }

  /**
   * Refuses connections from now on and breaks those that are open.
   * @throws AggregateError when a script itself failed.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
    if (this.scriptErrors.length > 0) throw new AggregateError(this.scriptErrors, 'a script failed');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = once(response, 'close').then(() => undefined);
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    this.open += 1;
    void closed.then(() => (this.open -= 1));
    const received: ReceivedRequest = { body: await readBody(request), headers: request.headers, closed };
    const isTitle = received.body.messages[0]?.content.startsWith(TITLE_INSTRUCTION) ?? false;
    (isTitle ? this.titleRequests : this.requests).push(received);
    for (const wake of this.arrivals) wake();
    this.arrivals.clear();
    const script = isTitle ? this.titles : (this.scripts.shift() ?? this.otherwise);
    await script(new ModelAnswer(response, closed), received);
  }
}

async function readBody(request: IncomingMessage): Promise<CompletionBody> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += String(part);
  return JSON.parse(text) as CompletionBody;
}
