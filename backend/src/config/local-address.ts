/** Names and addresses that lead to this machine and nowhere else: `localhost` (RFC 6761), 127.0.0.0/8 and `::1`. */
const LOCAL = /^(([a-z\d-]+\.)*localhost|(::ffff:)?127(\.\d{1,3}){3}|::1)$/i;

/** Whether only this machine reaches what listens on `host`, a name or an address; IPv6 with brackets or without. */
export const isLocalHost = (host: string): boolean => LOCAL.test(host.replace(/^\[(.*)\]$/, '$1'));

/** Whether an address of the web leads to the machine of whoever opens it. */
export const isLocalUrl = (url: string): boolean => isLocalHost(new URL(url).hostname);

/**
 * Whether nobody between a browser and this address can read along: it is encrypted, or never leaves the machine.
 * Browsers call such addresses secure contexts, and keep some of what they can do for them (W3C Secure Contexts, 3.1).
 */
export const isPrivateAddress = (url: string): boolean => new URL(url).protocol === 'https:' || isLocalUrl(url);
