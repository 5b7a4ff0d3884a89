import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import getPort, { portNumbers } from 'get-port';

/** Browsers refuse to connect to some of those below, of which 10,080 is the last. */
const LOWEST = 11_000;
/** The first port that macOS and Windows give to connections; Linux has it in `/proc`. */
const FIRST_EPHEMERAL = 49_152;

/**
 * A port of this machine that nothing listens at, for a program that listens there later, or for none.
 *
 * It is below the ports that the system gives to outgoing connections and to servers that ask for any port: one of
 * those can be taken again before the program listens, or while it restarts. The search begins at random, so that
 * processes that search at the same moment find different ports.
 */
export function freePort(): Promise<number> {
  const end = firstEphemeralPort() - 1;
  // A system may give all its ports.
  if (end <= LOWEST) return getPort();
  const begin = randomInt(LOWEST, end);
  return getPort({ port: [...portNumbers(begin, end), ...portNumbers(LOWEST, begin)] });
}

/** The lowest port that the system gives to a connection. */
export function firstEphemeralPort(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  } catch {
    // Not Linux.
    return FIRST_EPHEMERAL;
  }
}
