import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Speaks OpenAI's chat completions API, begins to answer with what the question says, and never comes to an end. */
export class HangingModel {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        const { messages } = JSON.parse(body) as { messages: { content: string }[] };
        const delta = { content: messages.at(-1)?.content ?? '' };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify({ id: 'h', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`);
      });
    });
  }

  static async start(): Promise<HangingModel> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HangingModel(server);
  }

  /** What Lockstep's environment takes to use it. */
  get environment(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'any', OPENAI_MODELS: 'hanging' };
  }

  async dispose(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
