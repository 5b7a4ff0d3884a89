/**
 * What to do if the page was opened at another origin than the public one: cookies and the provider's redirect belong
 * to one origin. `send`: redirect there. `say`: a redirect was tried or cannot work, so tell the user.
 */
export type AddressAdvice = 'stay' | 'send' | 'say';

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;
const isLoopback = (origin: string): boolean => LOOPBACK.test(URL.parse(origin)?.hostname ?? '');

/**
 * @param here the origin of this page
 * @param publicUrl the origin at which the server lets users sign in
 * @param wasSent whether this tab was redirected there already and came back: something redirects it here again
 */
export function addressAdvice(here: string, publicUrl: string, wasSent: boolean): AddressAdvice {
  if (here === publicUrl) return 'stay';
  // From another machine, `localhost` is not the server.
  const isOutOfReach = isLoopback(publicUrl) && !isLoopback(here);
  return isOutOfReach || wasSent ? 'say' : 'send';
}
