import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { v7 as uuidv7 } from 'uuid';

const current = new AsyncLocalStorage<string>();
const HEADER = 'x-request-id';
/** A proxy's id is taken over when it is harmless in a log line. */
const HARMLESS = /^[\w.-]{1,64}$/;

/** The id of the HTTP request or socket event that is being served; a new one outside of any. */
export const currentRequestId = (): string => current.getStore() ?? uuidv7();

/** Serves one socket event, or one piece of background work, under an id of its own. */
export const withRequestId = <T>(work: () => T): T => current.run(uuidv7(), work);

/** Express middleware: one id through everything that the request causes, also told to the client. */
export function assignRequestId(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const given = request.headers[HEADER];
  const id = typeof given === 'string' && HARMLESS.test(given) ? given : uuidv7();
  response.setHeader(HEADER, id);
  current.run(id, next);
}
