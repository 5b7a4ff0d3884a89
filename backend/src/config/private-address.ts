/**
 * Whether nobody between a browser and this address can read along: it is encrypted, or never leaves the machine.
 * Browsers call such addresses secure contexts, and keep some of what they can do for them (W3C Secure Contexts, 3.1).
 */
export function isPrivateAddress(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
