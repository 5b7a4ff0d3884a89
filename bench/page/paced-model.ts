import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** One answer, written when and as fast as the measurement says. */
export class PacedAnswer {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  write(content: string): void {
    this.#response.write(chunk({ content }, null));
  }

  /** Writes a text in tokens of `length` characters at a constant rate. */
  async stream(content: string, length: number, perSecond: number): Promise<void> {
    const startedAt = performance.now();
    for (let sent = 0; sent * length < content.length && !this.#response.destroyed; sent += 1) {
      const waitMs = startedAt + (sent * 1_000) / perSecond - performance.now();
      if (waitMs > 1) await delay(waitMs);
      this.write(content.slice(sent * length, (sent + 1) * length));
    }
  }

  end(): void {
    this.#response.write(chunk({}, 'stop'));
    this.#response.end('data: [DONE]\n\n');
  }
}

/** An OpenAI-compatible server whose answers are written by the measurement. */
export class PacedModel {
  readonly #server: Server;
  readonly #asked: PacedAnswer[] = [];
  #wake: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      void text(request).then((body) => this.#take(body, response));
    });
  }

  static async start(): Promise<PacedModel> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PacedModel(server);
  }

  /** The environment for Lockstep to use it. */
  get environment(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'any', OPENAI_MODELS: 'paced' };
  }

  /** The next answer that is requested. */
  async answer(): Promise<PacedAnswer> {
    for (;;) {
      const next = this.#asked.shift();
      if (next) return next;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async dispose(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #take(body: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // A request for a title is not a reply.
    if (/\btitle\b/i.test(body)) {
      response.write(chunk({ content: 'Measured' }, null));
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
      return;
    }
    response.flushHeaders();
    this.#asked.push(new PacedAnswer(response));
    this.#wake?.();
  }
}

const chunk = (delta: object, reason: string | null): string =>
  `data: ${JSON.stringify({ id: 'p', object: 'chat.completion.chunk', created: 0, model: 'paced', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
