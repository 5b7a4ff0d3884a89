import type { RequestHandler } from 'express';
import { isLocalHost } from '../../src/config/local-address.js';
import { CONTENT_SECURITY_POLICY, messagePage } from './pages.js';

/**
 * Refuses requests from other machines. The configuration does not know whether a proxy or a tunnel leads here, but its
 * requests have another address or another host. So have requests after DNS rebinding.
 */
export const thisMachineAlone: RequestHandler = (request, response, next) => {
  // Express's `hostname` trusts a proxy; `Host` is what the connecting client sent.
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
  'There are no passwords here, so this sign-in works only in a browser on the machine of the server. Its operator ' +
  'can set up a real sign-in, or LOCAL_SIGN_IN=network for a trial on a trusted network.';

const hostOf = (host: string | undefined): string | undefined =>
  host === undefined ? undefined : (URL.parse(`http://${host}`)?.hostname ?? '');
