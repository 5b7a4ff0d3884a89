import { request, type IncomingHttpHeaders } from 'node:http';
import type { TestServer } from '../../support/test-server.js';

interface RawRequest {
  readonly method?: string;
  /** Sent as it is, without normalisation. */
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request that `fetch` would refuse or change: any method, any path, any `Host` or `Origin`. */
export function rawRequest(server: Pick<TestServer, 'url'>, options: RawRequest): Promise<RawAnswer> {
  const { method = 'GET', path, token, headers, body } = options;
  const { hostname, port } = new URL(server.url);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const sent = request(
    {
      hostname,
      port,
      method,
      path,
      agent: false,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        });
      });
      response.on('error', reject);
    },
  );
  sent.on('error', reject);
  sent.end(body);
  return promise;
}
