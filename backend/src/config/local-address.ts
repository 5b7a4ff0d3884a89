/** Names and addresses of this machine only: `localhost` (RFC 6761), 127.0.0.0/8 and `::1`. */
const LOCAL = /^(([a-z\d-]+\.)*localhost|(::ffff:)?127(\.\d{1,3}){3}|::1)$/i;

/**
 * Whether a server on `host`, a name or an address, is reachable only from this machine; IPv6 with or without brackets.
 */
export const isLocalHost = (host: string): boolean => LOCAL.test(host.replace(/^\[(.*)\]$/, '$1'));

/** Whether a URL leads to the machine of the browser that opens it. */
export const isLocalUrl = (url: string): boolean => isLocalHost(new URL(url).hostname);

/**
 * Whether the traffic between a browser and this URL cannot be read by others: it is encrypted or stays on the machine.
 * Browsers call such origins secure contexts, and restrict some features to them (W3C Secure Contexts, 3.1).
 */
export const isPrivateAddress = (url: string): boolean => new URL(url).protocol === 'https:' || isLocalUrl(url);
