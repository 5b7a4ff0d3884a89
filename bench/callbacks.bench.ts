/**
 * The cost of LangChain's callbacks for a token (`LANGCHAIN_TRACING=on`): the same answer read without them and with
 * LangSmith's tracer, which sends to a server on this machine. Both run alternately; the ratio matters.
 *
 *     node bench/callbacks.bench.ts
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadServerModules } from './speed/systems/server-modules.ts';

const TOKENS = 2_000;
const ROUNDS = 15;

interface Chunk {
  readonly text: string;
  readonly finishReason?: string;
}
interface Source {
  ask(messages: unknown[], options: object, sink: (chunk: Chunk) => void): Promise<void>;
}
interface Modules {
  readonly CallbackSource: new (id: string, source: Source, handler: object) => Source;
  readonly openLangSmith: (config: object) => { readonly tracer: object; readonly sent: () => Promise<void> };
  readonly writePrompt: (history: object[], config: object) => Promise<unknown[]>;
}

const { CallbackSource, openLangSmith, writePrompt } = await loadServerModules<Modules>([
  'src/models/tracing/callback-source',
  'src/models/tracing/langsmith',
  'src/models/prompt',
]);

const langSmith = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(202, { 'Content-Type': 'application/json' }).end('{}'));
}).listen(0, '127.0.0.1');
await once(langSmith, 'listening');
const url = `http://127.0.0.1:${(langSmith.address() as AddressInfo).port}`;
const { tracer, sent } = openLangSmith({ apiKey: 'key', url, project: 'bench' });

/** Yields like a connection, which brings some tokens at once. */
const plain: Source = {
  async ask(_messages, _options, sink) {
    for (let token = 0; token < TOKENS; token += 1) {
      sink({ text: ' word' });
      if (token % 20 === 0) await new Promise(setImmediate);
    }
    sink({ text: '', finishReason: 'stop' });
  },
};
const withCallbacks = new CallbackSource('any-model', plain, tracer);
const messages = await writePrompt([{ role: 'user', text: 'Hello' }], { systemPrompt: '', contextTokens: 1_000 });

/** Microseconds of CPU for a token, with everything that happens in the background. */
async function costOf(source: Source): Promise<number> {
  const before = process.cpuUsage();
  await source.ask(messages, { requestId: 'bench', signal: new AbortController().signal }, () => undefined);
  await sent();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / TOKENS;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const without: number[] = [];
const withThem: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  without.push(await costOf(plain));
  withThem.push(await costOf(withCallbacks));
}
langSmith.closeAllConnections();
langSmith.close();
const [bare, traced] = [median(without), median(withThem)];
console.log(`CPU a token: ${bare.toFixed(2)} us without callbacks, ${traced.toFixed(2)} us with them`);
console.log(`callbacks add ${(traced - bare).toFixed(2)} us a token`);
