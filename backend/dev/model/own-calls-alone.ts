import type { RequestHandler } from 'express';
import { isLocalHost } from '../../src/config/local-address.js';

/**
 * Accepts only requests of this machine: the model is for the server itself, and other clients could only keep it busy.
 * A server that listens at one address of a network calls itself from that same address.
 */
export const ownCallsAlone: RequestHandler = ({ ip, headers, socket }, response, next) => {
  const isOwnCall = headers['x-forwarded-for'] === undefined && socket.remoteAddress === socket.localAddress;
  if (isOwnCall || isLocalHost(ip ?? '')) return next();
  response
    .status(403)
    .json({ error: { message: 'The local model answers its own machine alone.', type: 'forbidden' } });
};
