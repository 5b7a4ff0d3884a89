import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isFake } from '../../testing/http-server.js';

/** A request to a server of this process, and its answer. */
export interface RecordedResponse {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The media type, without parameters. */
  readonly type: string | undefined;
  readonly body: string;
}

/** A message of Node's channel. */
interface Started {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

const STARTED = 'http.server.request.start';
const OF_THE_CONTRACT = /^\/(api|v1|health|metrics)(\/|$)/i;
/** The documents do not describe themselves. */
const OF_THE_DOCUMENTS = /^\/api\/docs/i;

/**
 * Records every answer of all HTTP servers in this process, by Node's diagnostics channel, which reports a request before
 * the server handles it. An answer is recorded before its client can receive it.
 */
export class ResponseRecorder implements Disposable {
  private responses: RecordedResponse[] = [];

  constructor() {
    subscribe(STARTED, this.onStarted);
  }

  /** Returns the answers since the last call. */
  take(): readonly RecordedResponse[] {
    const taken = this.responses;
    this.responses = [];
    return taken;
  }

  [Symbol.dispose](): void {
    unsubscribe(STARTED, this.onStarted);
  }

  private readonly onStarted = (message: unknown): void => {
    const { request, response, server } = message as Started;
    // Ollama's API has an `/api/chat` of its own.
    if (isFake(server)) return;
    const { method = '', url = '' } = request;
    const path = url.split('?', 1)[0] ?? '';
    if (!OF_THE_CONTRACT.test(path) || OF_THE_DOCUMENTS.test(path)) return;
    const chunks: Buffer[] = [];
    const keep = (chunk: unknown): void => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    };
    const write = response.write.bind(response) as (...parameters: unknown[]) => boolean;
    const end = response.end.bind(response) as (...parameters: unknown[]) => ServerResponse;
    response.write = (...parameters: unknown[]): boolean => {
      keep(parameters[0]);
      return write(...parameters);
    };
    response.end = (...parameters: unknown[]): ServerResponse => {
      keep(parameters[0]);
      this.responses.push({
        method,
        path,
        status: response.statusCode,
        type: response.getHeader('content-type')?.toString().split(';', 1)[0]?.trim(),
        body: Buffer.concat(chunks).toString(),
      });
      return end(...parameters);
    };
  };
}
