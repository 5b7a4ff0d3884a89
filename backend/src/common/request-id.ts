import { AsyncLocalStorage } from 'node:async_hooks';
import { isIP } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { v7 as uuidv7 } from 'uuid';

/** Where an act came from: the id of its request or event, and the address of whoever sent it. */
export interface Origin {
  readonly requestId: string;
  readonly address: string | null;
}

interface Work extends Origin {
  readonly runId?: string;
}

const current = new AsyncLocalStorage<Work>();
const HEADER = 'x-request-id';
/** A proxy's id is taken over when it is harmless in a log line. */
const HARMLESS = /^[\w.-]{1,64}$/;

/** The id of the HTTP request or socket event that is being served; a new one outside of any. */
export const currentRequestId = (): string => current.getStore()?.requestId ?? uuidv7();

/** Where what happens now came from; `undefined` outside of any request or event, as on the command line. */
export const currentOrigin = (): Origin | undefined => current.getStore();

/** The run that is being written, where the code belongs to one. */
export const currentRunId = (): string | undefined => current.getStore()?.runId;

/**
 * Serves one socket event, or one piece of background work, under an id of its own.
 * @param address of whoever sent the event
 */
export const withRequestId = <T>(work: () => T, address: string | null = null): T =>
  current.run({ requestId: uuidv7(), address }, work);

/** Writes one run: what goes wrong on the way, for whatever reason, leads back to it. */
export const withRun = <T>(run: { readonly runId: string; readonly requestId: string }, write: () => T): T =>
  current.run({ address: null, ...current.getStore(), ...run }, write);

/** An IP address as it is kept: without a zone, and IPv4 as such where it is written as IPv6. A proxy may send anything. */
export function addressOf(address: string | undefined): string | null {
  const plain = address?.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return plain !== undefined && isIP(plain) !== 0 ? plain : null;
}

/** Express middleware: one id through everything that the request causes, also told to the client. */
export function assignRequestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers[HEADER];
  const id = typeof given === 'string' && HARMLESS.test(given) ? given : uuidv7();
  response.setHeader(HEADER, id);
  current.run({ requestId: id, address: addressOf(request.ip) }, next);
}
