import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { TITLE_INSTRUCTION } from '../../../backend/src/models/titles/title-instruction.ts';

const completionRequest = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  max_tokens: z.number().optional(),
});
export type CompletionRequest = z.infer<typeof completionRequest>;

/** Speaks OpenAI's chat completions API as any compatible server does: it has a key, models and one answer. */
export class ModelServer {
  readonly key = 'key-of-another-server';
  /** Those that it has, the first of them the default. */
  readonly models: readonly string[];
  /** What it was asked for as a reply, oldest first; titles are not counted. */
  readonly requests: CompletionRequest[] = [];
  readonly answer = 'This comes from another server.';
  /** While set, every request is answered with this status. */
  refusesWith: number | undefined;
  readonly #server: Server;

  private constructor(server: Server, models: readonly string[]) {
    this.#server = server;
    this.models = models;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(models: readonly string[] = ['another-model']): Promise<ModelServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ModelServer(server, models);
  }

  /** What Lockstep's environment takes to use it. */
  get environment(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_API_KEY: this.key,
      OPENAI_MODELS: this.models.join(','),
    };
  }

  async dispose(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = completionRequest.parse(JSON.parse(await text(request)));
    if (!asked.messages.some(({ content }) => content.startsWith(TITLE_INSTRUCTION))) this.requests.push(asked);
    const status = this.#statusFor(request, asked);
    if (status !== 200) {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'no', type: 'refused' } }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of this.answer.split(/(?<= )/)) response.write(chunk({ content }, null));
    response.write(chunk({}, 'stop'));
    response.end('data: [DONE]\n\n');
  }

  #statusFor({ url, headers }: IncomingMessage, { model }: CompletionRequest): number {
    if (this.refusesWith !== undefined) return this.refusesWith;
    if (url !== '/v1/chat/completions' || !this.models.includes(model)) return 404;
    return headers.authorization === `Bearer ${this.key}` ? 200 : 401;
  }
}

const chunk = (delta: object, reason: string | null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'another-model',
    choices: [{ index: 0, delta, finish_reason: reason }],
  })}\n\n`;
