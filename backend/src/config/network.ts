import { isIP } from 'node:net';

/** Names that Express knows. */
const NAMED = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Whether Express can tell by it whose word about a client it may believe: a name, an address, or a network. */
export function isNetwork(text: string): boolean {
  if (NAMED.has(text)) return true;
  const [address = '', mask, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (mask === undefined) return true;
  if (isIP(mask) === 4) return version === 4;
  return /^\d{1,3}$/.test(mask) && Number(mask) >= 1 && Number(mask) <= (version === 4 ? 32 : 128);
}
