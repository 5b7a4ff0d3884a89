import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';

import { bodyOf } from './answer-body.js';
import { ModelError } from '../model-error.js';

const MAX_ERROR_LENGTH = 64 * 1024;
/** How long a connection is kept for the next request; a shorter time that the server announces holds. */
const IDLE_MS = 60_000;

/** The server answered with a status other than 2xx. `document` is what it says about that; `undefined` if no JSON. */
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
 * An address that takes documents by POST, with the connections to it: as many as there are answers, and those that are
 * free wait for the next request, which then needs no handshake. It goes through `node:http`, since reading a stream
 * of small pieces through `fetch` costs nearly twice as much.
 */
export class JsonEndpoint {
  private readonly request: typeof httpRequest;
  private readonly agent: Agent;

  constructor(private readonly url: URL) {
    // Agents switch Nagle's algorithm off by themselves, and limit nothing but the connections that wait.
    const isSecure = url.protocol === 'https:';
    this.request = isSecure ? httpsRequest : httpRequest;
    this.agent = new (isSecure ? HttpsAgent : Agent)({ keepAlive: true, timeout: IDLE_MS });
  }

  /**
   * Posts a document and gives the answer as soon as its head is there. The caller reads it from the same turn of the
   * event loop on.
   * @throws HttpFailure, or what the socket throws, or ModelError `isStale` when the server had closed a waiting
   * connection just as it was to be used again; aborting `signal` closes the connection, before and after the head.
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
      // The status says enough, whatever becomes of what explains it.
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
      // Without a reason: the request's own option `signal` gives one to the socket, which emits it as an `error`, and
      // when the answer has come whole already then nothing listens there and the process ends.
      const abort = (): unknown => request.destroy();
      signal.addEventListener('abort', abort);
      request.once('close', () => {
        signal.removeEventListener('abort', abort);
        // Neither `response` nor `error` has come when the server answers with an upgrade that was not asked for.
        reject(new ModelError('model_bad_response', { isTransient: true }));
      });
      request.once('response', (response) => {
        // An `error` that nothing listens to would end the process, and the caller is told in a later microtask.
        response.on('error', () => undefined);
        resolve(response);
      });
      // Stays after the head: the request then emits what the answer reports too.
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The model may have been asked all the same: this counts as an attempt.
        const isStale = request.reusedSocket && !signal.aborted && CLOSED.has(error.code ?? '');
        reject(isStale ? new ModelError('model_unavailable', { isTransient: true, isStale }) : error);
      });
      request.end(body);
    });
  }
}

/** What a request meets on a connection that its peer has closed. */
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
    // Proxies answer with pages of HTML; the status says enough.
    return undefined;
  }
}
