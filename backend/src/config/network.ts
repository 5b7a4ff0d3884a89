import proxyaddr from 'proxy-addr';

/** Whether these are addresses and networks, or names of some; asked of the package by which Express reads them. */
export function areNetworks(words: readonly string[]): boolean {
  try {
    proxyaddr.compile([...words]);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
