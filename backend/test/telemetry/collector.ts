import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpServer } from '../../testing/http-server.js';
import { until } from '../support/test-client.js';
import { decodeExport } from './otlp-schema.js';

export interface SeenSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly links: readonly { readonly traceId: string }[];
  readonly kind: number;
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface SeenLog {
  readonly body: unknown;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Pair {
  readonly key: string;
  readonly value: object;
}
type Raw = Record<string, unknown> & { readonly attributes?: Pair[] };

/** An OpenTelemetry collector that keeps what it receives, in either format of OTLP over HTTP. */
export class Collector implements AsyncDisposable {
  readonly spans: SeenSpan[] = [];
  readonly logs: SeenLog[] = [];
  readonly resources: Readonly<Record<string, unknown>>[] = [];
  readonly paths: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  /** Every byte, for searches. */
  bytes = Buffer.alloc(0);
  /** How it answers: `hangs` reads the request and never answers. */
  mood: 'accepts' | 'refuses' | 'hangs' = 'accepts';
  #http: HttpServer | undefined;

  static async start(): Promise<Collector> {
    const collector = new Collector();
    collector.#http = await HttpServer.start((request, response) => collector.#receive(request, response));
    return collector;
  }

  get url(): string {
    return this.#http?.url ?? '';
  }

  /** The first span that fits, waiting for it. */
  span(name: string, fits: (span: SeenSpan) => boolean = () => true): Promise<SeenSpan> {
    return until(() => this.spans.find((span) => span.name === name && fits(span)), `the span ${name}`);
  }

  log(body: string): Promise<SeenLog> {
    return until(() => this.logs.find((log) => log.body === body), `the line ${body}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http?.[Symbol.asyncDispose]();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    this.paths.push(request.url ?? '');
    this.headers.push(request.headers);
    if (this.mood === 'hangs') return;
    if (this.mood === 'refuses') return void response.writeHead(400).end();
    this.bytes = Buffer.concat([this.bytes, body]);
    this.#keep(request, body);
    response.writeHead(200, { 'Content-Type': request.headers['content-type'] }).end();
  }

  #keep(request: IncomingMessage, body: Buffer): void {
    const isTraces = request.url?.endsWith('/traces') ?? false;
    const isJson = request.headers['content-type'] === 'application/json';
    const message = isTraces ? 'ExportTraceServiceRequest' : 'ExportLogsServiceRequest';
    const seen = (isJson ? JSON.parse(body.toString()) : decodeExport(message, body)) as Record<string, Raw[]>;
    for (const resource of seen[isTraces ? 'resourceSpans' : 'resourceLogs'] ?? []) {
      this.resources.push(valuesOf((resource['resource'] as Raw).attributes));
      for (const scope of resource[isTraces ? 'scopeSpans' : 'scopeLogs'] as Raw[]) {
        for (const item of (scope[isTraces ? 'spans' : 'logRecords'] ?? []) as Raw[]) {
          if (isTraces) this.spans.push(spanOf(item));
          else this.logs.push(logOf(item));
        }
      }
    }
  }
}

const spanOf = (raw: Raw): SeenSpan =>
  ({
    ...raw,
    links: raw['links'] ?? [],
    attributes: valuesOf(raw.attributes),
    events: ((raw['events'] ?? []) as { name: string }[]).map(({ name }) => name),
  }) as unknown as SeenSpan;

const logOf = (raw: Raw): SeenLog =>
  ({ ...raw, body: valueOf(raw['body'] as object), attributes: valuesOf(raw.attributes) }) as unknown as SeenLog;

const valuesOf = (pairs: readonly Pair[] = []): Record<string, unknown> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value)]));

/** 64-bit numbers are text in JSON. */
function valueOf(value: object): unknown {
  const [[kind, content] = []] = Object.entries(value) as [string, unknown][];
  if (kind === 'intValue') return Number(content);
  if (kind === 'arrayValue') return ((content as { values?: object[] }).values ?? []).map(valueOf);
  return content;
}
