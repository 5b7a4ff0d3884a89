import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpServer } from '../http-server.ts';
import { complete } from './complete.ts';
import type { ReceivedRequest } from './completion-request.ts';
import { refuses, says, type Script } from './script.ts';

interface ModelServerOptions {
  /** Requests for other models are refused; by default all are accepted. The first is Lockstep's default model. */
  readonly models?: readonly string[];
  /** Requests with another key are refused; by default all are accepted. */
  readonly key?: string;
}

/**
 * A server with OpenAI's chat completions API over real HTTP, controlled by scripts: `server.next(script)` for the next
 * request, `server.otherwise = script` for all others. Requests for titles are recognised by their instruction and use
 * up no script.
 */
export class ModelServer implements AsyncDisposable {
  /** Requests for replies, in order of arrival. */
  readonly requests: ReceivedRequest[] = [];
  readonly titleRequests: ReceivedRequest[] = [];
  otherwise: Script = says(['Hello', ', ', 'world', '!']);
  titles: Script = says(['A short title']);
  /** The answers that have not ended, including those that wait for a script. */
  openAnswers = 0;
  readonly #options: ModelServerOptions;
  readonly #scripts: Script[] = [];
  readonly #arrivals = new Set<() => void>();
  #http: HttpServer | undefined;

  private constructor(options: ModelServerOptions) {
    this.#options = options;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: ModelServerOptions = {}): Promise<ModelServer> {
    const server = new ModelServer(options);
    server.#http = await HttpServer.start((request, response) => server.#answer(request, response));
    return server;
  }

  /** The value for `OPENAI_BASE_URL`. */
  get baseUrl(): string {
    return `${this.#http?.url}/v1`;
  }

  /** Environment variables that make Lockstep use it. */
  get environment(): Record<string, string> {
    const { models = ['any-model'], key = 'any-key' } = this.#options;
    return { OPENAI_BASE_URL: this.baseUrl, OPENAI_API_KEY: key, OPENAI_MODELS: models.join(',') };
  }

  /** The number of connections so far. */
  get connections(): number {
    return this.#http?.connections ?? 0;
  }

  /** Adds scripts for the next requests, one each. */
  next(...scripts: Script[]): void {
    this.#scripts.push(...scripts);
  }

  /** Waits for the request of this number, counting from 0. */
  async request(index: number): Promise<ReceivedRequest> {
    for (;;) {
      const request = this.requests[index];
      if (request) return request;
      await new Promise<void>((resolve) => this.#arrivals.add(resolve));
    }
  }

  /**
   * Refuses new connections and closes the open ones.
   * @throws AggregateError when a script failed
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http?.[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    this.openAnswers += 1;
    void once(response, 'close').then(() => (this.openAnswers -= 1));
    await complete(request, response, (received) => this.#choose(received));
  }

  #choose(received: ReceivedRequest): Script {
    (received.isTitle ? this.titleRequests : this.requests).push(received);
    for (const wake of this.#arrivals) wake();
    this.#arrivals.clear();
    const { models, key } = this.#options;
    if (models && !models.includes(received.body.model)) return refuses(404);
    if (key !== undefined && received.headers.authorization !== `Bearer ${key}`) return refuses(401);
    return received.isTitle ? this.titles : (this.#scripts.shift() ?? this.otherwise);
  }
}
