import proxyaddr from 'proxy-addr';

/** Whether all words are valid for `trust proxy`: addresses, networks or names of such, by the package of Express. */
export function areNetworks(words: readonly string[]): boolean {
  try {
    proxyaddr.compile([...words]);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
