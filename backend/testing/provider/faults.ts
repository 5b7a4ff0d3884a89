import type { IncomingMessage, ServerResponse } from 'node:http';

/** How the provider answers at one of its addresses: a document, or whatever it likes to do with the response. */
export type Misbehaviour = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers with a document of any kind. */
export const answers =
  (status: number, body: unknown, type = 'application/json'): Misbehaviour =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': type })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

/** Never answers; with `begun` it stops in the middle of the answer. */
export const hangs =
  ({ begun = false } = {}): Misbehaviour =>
  (response) => {
    if (begun) response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":');
  };
