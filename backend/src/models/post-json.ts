import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const MAX_ERROR_LENGTH = 64 * 1024;

/** The server answered with a status other than 2xx; `code`, `type` and `param` are those of OpenAI's error document. */
class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly code: unknown;
  readonly type: unknown;
  readonly param: unknown;

  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    body: string,
  ) {
    const { message, code, type, param } = readError(body);
    super(typeof message === 'string' ? message : 'no message');
    this.code = code;
    this.type = type;
    this.param = param;
  }
}

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Posts a document and gives the answer as soon as its head is there. It goes through `node:http`, since reading a
 * stream of small pieces through `fetch` costs nearly twice as much.
 * @throws HttpFailure, or what the socket throws; aborting `signal` closes the connection, before and after the head.
 */
export async function postJson(url: URL, document: object, { headers, signal }: PostOptions): Promise<IncomingMessage> {
  const body = Buffer.from(JSON.stringify(document));
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json', 'Content-Length': body.length },
    ...(signal ? { signal } : {}),
  });
  // Once the head is there the answer reports what goes wrong, but the request emits it too, and an `error` that nobody
  // listens to would end the process.
  request.on('error', () => undefined);
  const answered: Promise<[IncomingMessage]> = once(request, 'response') as Promise<[IncomingMessage]>;
  request.end(body);
  const [response] = await answered;
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  throw new HttpFailure(status, response.headers, await readSome(response));
}

async function readSome(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) {
    text += String(part);
    if (text.length > MAX_ERROR_LENGTH) break;
  }
  return text;
}

function readError(body: string): Record<string, unknown> {
  try {
    const document = JSON.parse(body) as { error?: unknown } | null;
    return typeof document?.error === 'object' && document.error !== null ? { ...document.error } : {};
  } catch {
    // Proxies answer with pages of HTML; the status says enough.
    return {};
  }
}
