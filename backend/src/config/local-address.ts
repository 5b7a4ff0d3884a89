/** Names and addresses that lead to this machine and nowhere else: `localhost` (RFC 6761), 127.0.0.0/8 and `::1`. */
const LOCAL = /^(([a-z\d-]+\.)*localhost|(::ffff:)?127(\.\d{1,3}){3}|::1)$/i;

/** Whether only this machine reaches what listens on `host`, a name or an address; IPv6 with brackets or without. */
export const isLocalHost = (host: string): boolean => LOCAL.test(host.replace(/^\[(.*)\]$/, '$1'));

/** Whether an address of the web leads to the machine of whoever opens it. */
export const isLocalUrl = (url: string): boolean => isLocalHost(new URL(url).hostname);
