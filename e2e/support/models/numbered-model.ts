import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 15;

/**
 * An OpenAI-compatible server that never stops counting: each answer has a number, each of its words as well, so
 * that a lost, doubled or misplaced one is seen. It remembers what it has sent.
 */
export class NumberedModel {
  /** What each answer has said so far, in the order of the requests; titles are not counted. */
  readonly answers: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      void text(request).then((body) => this.#answer(body, response));
    });
  }

  static async start(): Promise<NumberedModel> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new NumberedModel(server);
  }

  /** What Lockstep's environment takes to use it. */
  get environment(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'any', OPENAI_MODELS: 'numbers' };
  }

  async dispose(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(body: string, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (/\btitle\b/i.test(body)) {
      response.write(chunk({ content: 'Numbers' }, null));
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
      return;
    }
    const answer = this.answers.push('') - 1;
    for (let word = 0; !response.destroyed; word++) {
      const content = `${answer}:${word} `;
      this.answers[answer] += content;
      response.write(chunk({ content }, null));
      await delay(EVERY_MS);
    }
  }
}

const chunk = (delta: object, reason: string | null): string =>
  `data: ${JSON.stringify({ id: 'n', object: 'chat.completion.chunk', created: 0, model: 'numbers', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
