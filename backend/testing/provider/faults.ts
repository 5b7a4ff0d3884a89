import type { IncomingMessage, ServerResponse } from 'node:http';

/** How the provider misbehaves at one of its addresses: it returns a document, or handles the response itself. */
export type Misbehaviour = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers with a document of any kind. */
export const answers =
  (status: number, body: unknown, type = 'application/json'): Misbehaviour =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': type })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

/** Never answers; with `begun`, it stops in the middle of the answer. */
export const hangs =
  ({ begun = false } = {}): Misbehaviour =>
  (response) => {
    if (begun) response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":');
  };
