import { AsyncLocalStorage } from 'node:async_hooks';
import { isIP } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { v7 as uuidv7 } from 'uuid';

/** The origin of an act: the id of its request or event, and the network address of the client. */
export interface Origin {
  readonly requestId: string;
  readonly address: string | null;
}

interface Work extends Origin {
  readonly runId?: string;
}

const current = new AsyncLocalStorage<Work>();
const HEADER = 'x-request-id';
/** Request ids of proxies are adopted if they are harmless in a log line. */
const HARMLESS = /^[\w.-]{1,64}$/;

/** The id of the current HTTP request or socket event; a new id outside of any. */
export const currentRequestId = (): string => current.getStore()?.requestId ?? uuidv7();

/** The origin of the current request or event; `undefined` outside of any, as on the command line. */
export const currentOrigin = (): Origin | undefined => current.getStore();

/** The run that the running code belongs to, if any. */
export const currentRunId = (): string | undefined => current.getStore()?.runId;

/**
 * Runs a socket event or background work under a new request id.
 * @param address the network address of the client
 */
export const withRequestId = <T>(work: () => T, address: string | null = null): T =>
  current.run({ requestId: uuidv7(), address }, work);

/** Runs the work of a run, so that its log lines have the ids of the run and of its request. */
export const withRun = <T>(run: { readonly runId: string; readonly requestId: string }, write: () => T): T =>
  current.run({ address: null, ...current.getStore(), ...run }, write);

/** Normalises an IP address: no zone, and IPv4-mapped IPv6 as IPv4; `null` for anything else that a proxy may send. */
export function addressOf(address: string | undefined): string | null {
  const plain = address?.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return plain !== undefined && isIP(plain) !== 0 ? plain : null;
}

/** Express middleware: assigns an id to a request, and sends it to the client. */
export function assignRequestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers[HEADER];
  const id = typeof given === 'string' && HARMLESS.test(given) ? given : uuidv7();
  response.setHeader(HEADER, id);
  current.run({ requestId: id, address: addressOf(request.ip) }, next);
}
