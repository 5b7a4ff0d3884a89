import type { IncomingMessage } from 'node:http';
import proxyaddr from 'proxy-addr';
import { addressOf } from '../../common/request-id.js';

/**
 * Reads the address of a client behind proxies as Express does for HTTP, by the package that Express uses.
 * @param trusted as in the configuration: networks, addresses, or names such as `loopback`
 */
export function clientAddressReader(trusted: readonly string[]): (request: IncomingMessage) => string | null {
  const isTrusted = proxyaddr.compile([...trusted]);
  return (request) => addressOf(proxyaddr(request, isTrusted));
}
