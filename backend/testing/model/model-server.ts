import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpServer } from '../http-server.ts';
import { complete } from './complete.ts';
import type { ReceivedRequest } from './completion-request.ts';
import { refuses, says, type Script } from './script.ts';

interface ModelServerOptions {
  /** Other models are unknown to it; any is known by default. The first is the default of Lockstep. */
  readonly models?: readonly string[];
  /** Without this key it refuses; it takes any by default. */
  readonly key?: string;
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
  /** Answers that have begun or are awaited, and have not ended. */
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

  /** What `OPENAI_BASE_URL` takes. */
  get baseUrl(): string {
    return `${this.#http?.url}/v1`;
  }

  /** What Lockstep's environment takes to use it. */
  get environment(): Record<string, string> {
    const { models = ['any-model'], key = 'any-key' } = this.#options;
    return { OPENAI_BASE_URL: this.baseUrl, OPENAI_API_KEY: key, OPENAI_MODELS: models.join(',') };
  }

  /** Connections that clients have made so far. */
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
   * Refuses connections from now on and breaks those that are open.
   * @throws AggregateError when a script itself failed.
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
