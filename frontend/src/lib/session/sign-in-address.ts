/**
 * What to do about the address that this page was opened at: cookies and the provider's answer belong to one origin.
 * `send`: go to that one. `say`: going there was tried, or cannot work, so a person has to know.
 */
export type AddressAdvice = 'stay' | 'send' | 'say';

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;
const isLoopback = (origin: string): boolean => LOOPBACK.test(URL.parse(origin)?.hostname ?? '');

/**
 * @param here the origin of this page
 * @param publicUrl the origin at which the server lets people sign in
 * @param wasSent whether this tab was sent there already, and came back: something in between leads here again
 */
export function addressAdvice(here: string, publicUrl: string, wasSent: boolean): AddressAdvice {
  if (here === publicUrl) return 'stay';
  // `localhost` is another machine for whoever came from afar.
  const isOutOfReach = isLoopback(publicUrl) && !isLoopback(here);
  return isOutOfReach || wasSent ? 'say' : 'send';
}
