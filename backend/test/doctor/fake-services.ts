import type { Socket } from 'node:net';
import { HttpServer } from '../../testing/http-server.js';
import { FakePostgres } from '../start/fake-postgres.js';

/** An OpenID provider with the metadata, status and clock that a test wants. */
export async function fakeProvider({ issuer = '', status = 200, date = '' } = {}): Promise<HttpServer> {
  const server: HttpServer = await HttpServer.start((request, response) => {
    if (date !== '') response.setHeader('date', date);
    response.setHeader('content-type', 'application/json');
    if (request.method === 'POST') return void response.writeHead(400).end('{"error": "invalid_grant"}');
    const { url } = server;
    response.writeHead(status).end(
      JSON.stringify({
        issuer: issuer || url,
        authorization_endpoint: `${url}/auth`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
      }),
    );
  });
  return server;
}

/** A value for `SIGN_IN_PROVIDERS` with this provider. */
export const providers = (issuer: string): string =>
  JSON.stringify([{ id: 'team', label: 'Team', issuer, clientId: 'lockstep', clientSecret: 'client-secret-word' }]);

const message = (type: string, body = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const READY = message('Z', Buffer.from('I'));
const DONE = message('C', Buffer.from('SELECT 0\0'));

/**
 * A pooler in transaction mode, as far as notifications go: every statement succeeds, and no notification arrives.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export const lossyPooler = (): Promise<FakePostgres> =>
  FakePostgres.start((socket: Socket) => {
    let isReady = false;
    socket.on('data', (bytes: Buffer) => {
      if (!isReady) {
        isReady = true;
        socket.write(Buffer.concat([message('R', Buffer.alloc(4)), READY]));
        return;
      }
      for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at + 1) + 1) {
        const type = String.fromCharCode(bytes[at] ?? 0);
        if (type === 'Q') socket.write(Buffer.concat([DONE, READY]));
        if (type === 'S') socket.write(Buffer.concat(['1', '2', 'n'].map((one) => message(one)).concat(DONE, READY)));
      }
    });
  });
