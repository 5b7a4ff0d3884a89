import type { IncomingMessage } from 'node:http';
import proxyaddr from 'proxy-addr';
import { addressOf } from '../../common/request-id.js';

/**
 * Returns a function that reads the address of a client behind proxies, with the package that Express uses for HTTP.
 * @param trusted as in the configuration: networks, addresses, or names such as `loopback`
 */
export function clientAddressReader(trusted: readonly string[]): (request: IncomingMessage) => string | null {
  const isTrusted = proxyaddr.compile([...trusted]);
  return (request) => addressOf(proxyaddr(request, isTrusted));
}
