const BASE_MS = 500;
const CEILING_MS = 15_000;

/**
 * How long to wait before attempt `attempt` (0, 1, 2, ...): doubling, with half of it left to chance,
 * so that a thousand tabs do not come back in the same moment.
 */
export function backoffMs(attempt: number, chance: () => number = Math.random): number {
  const ceiling = Math.min(CEILING_MS, BASE_MS * 2 ** attempt);
  return ceiling / 2 + (ceiling / 2) * chance();
}
