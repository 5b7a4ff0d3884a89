import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { HttpServer } from '../../testing/http-server.js';
import { says } from '../../testing/model/script.js';
import { ollamaWire } from '../providers/wires/ollama.wire.js';
import { begin, whenEnded } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

/** A server with the part of LangSmith's API that receives runs. */
class LangSmithServer implements AsyncDisposable {
  readonly requests: { readonly path: string; readonly key: string | undefined; readonly body: string }[] = [];
  #http: HttpServer | undefined;

  static async start(): Promise<LangSmithServer> {
    const server = new LangSmithServer();
    server.#http = await HttpServer.start((request, response) => server.#answer(request, response));
    return server;
  }

  get url(): string {
    return this.#http?.url ?? '';
  }

  get text(): string {
    return this.requests.map(({ body }) => body).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http?.[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = opened(Buffer.concat(parts), request.headers['content-encoding']);
    this.requests.push({ path: request.url ?? '', key: String(request.headers['x-api-key']), body: body.toString() });
    response.writeHead(request.method === 'GET' ? 200 : 202, { 'Content-Type': 'application/json' }).end('{}');
  }
}

function opened(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'zstd') return zstdDecompressSync(body);
  return encoding === 'gzip' ? gunzipSync(body) : body;
}

/** A model of another provider: only for these LangChain's own code makes the request. */
const GUEST = ollamaWire.model;

function answerAsOllama(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': ollamaWire.contentType });
  response.end(ollamaWire.answer(['A reply ', 'about canaries'], 'stop').join(''));
}

async function ask(server: TestServer, question: string): Promise<void> {
  const tab = await server.connect(await server.signIn('Ada'));
  const { stream } = await begin(tab, question);
  const { messages } = await whenEnded(tab, stream);
  expect(messages.at(-1)?.status).toBe('completed');
}

describe("LangChain's callbacks", () => {
  let langSmith: LangSmithServer;
  let ollama: HttpServer;
  beforeAll(async () => {
    langSmith = await LangSmithServer.start();
    ollama = await HttpServer.start(answerAsOllama);
  });
  afterAll(async () => {
    await langSmith[Symbol.asyncDispose]();
    await ollama[Symbol.asyncDispose]();
  });

  const environment = () => ({
    OPENAI_MODELS: `${GUEST},test-model`,
    MODEL_REQUESTS: JSON.stringify({ [GUEST]: { baseUrl: ollama.url } }),
    LANGSMITH_ENDPOINT: langSmith.url,
    LANGSMITH_API_KEY: 'a-langsmith-key',
    LANGSMITH_PROJECT: 'team-chat',
  });

  it('send prompt, reply, model and tokens to LangSmith, but nothing without LANGCHAIN_TRACING=on', async () => {
    await withProcessVariables(
      { ...environment(), LANGSMITH_TRACING: 'true', LANGCHAIN_TRACING_V2: 'true' },
      async () => {
        await using server = await TestServer.start(environment());
        await ask(server, 'A question that stays here');
      },
    );
    await using server = await TestServer.start({ ...environment(), LANGCHAIN_TRACING: 'on' });
    await ask(server, 'A question about canaries');
    await until(() => langSmith.text.includes('A reply about canaries'), 'the run has arrived');
    for (const word of ['A question about canaries', 'llama3.2', 'team-chat']) expect(langSmith.text).toContain(word);
    expect(langSmith.requests.map(({ key }) => key)).toContain('a-langsmith-key');
    expect(langSmith.text).not.toContain('A question that stays here');
  });

  it('are told of models with the API of OpenAI too', async () => {
    await using server = await TestServer.start({
      ...environment(),
      OPENAI_MODELS: 'test-model',
      MODEL_REQUESTS: '{}',
      LANGCHAIN_TRACING: 'on',
    });
    server.model.next(says(['A reply ', 'about magpies']));
    await ask(server, 'A question about magpies');
    await until(() => langSmith.text.includes('A reply about magpies'), 'the run has arrived');
    expect(langSmith.text).toContain('A question about magpies');
  });
});

/** LangChain reads its variables from the environment of the process. */
async function withProcessVariables(variables: Record<string, string>, work: () => Promise<void>): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
