import type { RequestHandler } from 'express';
import { isLocalHost } from '../../src/config/local-address.js';
import { CONTENT_SECURITY_POLICY, messagePage } from './pages.js';

/**
 * Answers nobody beyond this machine. The configuration cannot know of a proxy or a tunnel that leads here: its
 * visitors come with another address or another host. So does a page whose name was made to point here (DNS rebinding).
 */
export const thisMachineAlone: RequestHandler = (request, response, next) => {
  // Express's own `hostname` believes a proxy; `Host` is what the one who connected has sent.
  const hosts = [request.headers.host, request.headers['x-forwarded-host']].flat().map(hostOf);
  const isLocal = isLocalHost(request.ip ?? '') && hosts.every((host) => host === undefined || isLocalHost(host));
  if (isLocal) return next();
  response
    .status(403)
    .set({ 'Content-Security-Policy': CONTENT_SECURITY_POLICY, 'Cache-Control': 'no-store' })
    .type('html')
    .send(messagePage(`${request.baseUrl}/page.css`, 'For this machine only', ADVICE));
};

const ADVICE =
  'Anybody could sign in as anybody here, so only a browser on the machine of the server may. Whoever runs the server ' +
  'can set up a real sign-in, or LOCAL_SIGN_IN=network for a trial on a network of friends.';

const hostOf = (host: string | undefined): string | undefined =>
  host === undefined ? undefined : (URL.parse(`http://${host}`)?.hostname ?? '');
