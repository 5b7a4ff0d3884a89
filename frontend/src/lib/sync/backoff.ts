const BASE_MS = 500;
const CEILING_MS = 15_000;

/**
 * The delay before attempt `attempt` (0, 1, 2, ...): doubled each time, and half of it random, so that a thousand tabs
 * do not reconnect in the same moment.
 */
export function backoffMs(attempt: number, chance: () => number = Math.random): number {
  const ceiling = Math.min(CEILING_MS, BASE_MS * 2 ** attempt);
  return ceiling / 2 + (ceiling / 2) * chance();
}
