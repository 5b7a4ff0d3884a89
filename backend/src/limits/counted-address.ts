/** Behind a local proxy without `X-Forwarded-For` all clients have this address. */
const LOOPBACK = /^(::1$|127\.)/;

/** The address that a client is counted by; `undefined` for loopback and for what is no address: neither is counted. */
export const countedAddress = (address: string | null): string | undefined =>
  address === null || LOOPBACK.test(address) ? undefined : address;
