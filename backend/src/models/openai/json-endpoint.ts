import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';

import { bodyOf } from './answer-body.js';
import { ModelError } from '../model-error.js';

const MAX_ERROR_LENGTH = 64 * 1024;
/** How long an idle connection is kept, unless the server announces a shorter time. */
const IDLE_MS = 60_000;

/** A response with a status other than 2xx. `document` is its parsed body; `undefined` if that is not JSON. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';

  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly document: unknown,
  ) {
    super('The server refused the request');
  }
}

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * An address that accepts JSON by POST, with its connection pool: as many connections as needed, and idle ones are kept
 * for the next request, which then needs no handshake. It uses `node:http`, because reading a stream of small pieces
 * through `fetch` costs nearly twice as much.
 */
export class JsonEndpoint {
  private readonly request: typeof httpRequest;
  private readonly agent: Agent;

  constructor(private readonly url: URL) {
    // Agents disable Nagle's algorithm by default, and limit only the number of idle connections.
    const isSecure = url.protocol === 'https:';
    this.request = isSecure ? httpsRequest : httpRequest;
    this.agent = new (isSecure ? HttpsAgent : Agent)({ keepAlive: true, timeout: IDLE_MS });
  }

  /**
   * Posts a document; resolves with the body when the head of the response has arrived. The caller must start to read
   * it in the same turn of the event loop. Aborting `signal` closes the connection, before and after the head.
   * @throws HttpFailure, or what the socket throws, or ModelError `isStale` when the server closed an idle connection
   * just when it was reused
   */
  async post(document: object, options: PostOptions): Promise<Readable> {
    const response = await this.send(Buffer.from(JSON.stringify(document)), options);
    const status = response.statusCode ?? 0;
    const isAnswer = status >= 200 && status < 300;
    try {
      const body = bodyOf(response);
      if (isAnswer) return body;
      throw new HttpFailure(status, response.headers, readDocument(await readSome(body)));
    } catch (error) {
      response.destroy();
      // The status is enough when the body of an error cannot be read.
      if (isAnswer || error instanceof HttpFailure || options.signal.aborted) throw error;
      throw new HttpFailure(status, response.headers, undefined);
    }
  }

  private send(body: Buffer, { headers, signal }: PostOptions): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = this.request(this.url, {
        method: 'POST',
        agent: this.agent,
        headers: {
          'Accept-Encoding': 'identity',
          'Content-Type': 'application/json',
          ...headers,
          'Content-Length': body.length,
        },
      });
      // Destroyed without an error. The request's own option `signal` would pass one to the socket, which emits it as
      // `error`; after a complete response nothing listens there any more, and the process would end.
      const abort = (): unknown => request.destroy();
      signal.addEventListener('abort', abort);
      request.once('close', () => {
        signal.removeEventListener('abort', abort);
        // There is no `response` or `error` when the server answers with an upgrade that was not requested.
        reject(new ModelError('model_bad_response', { isTransient: true }));
      });
      request.once('response', (response) => {
        // An `error` without a listener would end the process, and the caller attaches its own in a later microtask.
        response.on('error', () => undefined);
        resolve(response);
      });
      // Also needed after the head: the request then emits the errors of the response too.
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server may have processed the request all the same, so this counts as an attempt.
        const isStale = request.reusedSocket && !signal.aborted && CLOSED.has(error.code ?? '');
        reject(isStale ? new ModelError('model_unavailable', { isTransient: true, isStale }) : error);
      });
      request.end(body);
    });
  }
}

/** The errors of a request on a connection that the peer has closed. */
const CLOSED: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

async function readSome(body: Readable): Promise<string> {
  let text = '';
  for await (const part of body.setEncoding('utf8')) {
    text += String(part);
    if (text.length > MAX_ERROR_LENGTH) break;
  }
  return text;
}

function readDocument(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Proxies answer with HTML; the status is enough.
    return undefined;
  }
}
