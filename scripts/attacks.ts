import { globSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';

/** Where each family of attacks writes its counts (`backend/test/attacks/support/family.ts`). */
const COUNTS = 'test-results/attacks';

const count = z.int().nonnegative();
const counts = z.object({ probes: count, failures: count });

/** Forgets the counts of an earlier run. */
export const forgetAttacks = (): void => rmSync(COUNTS, { recursive: true, force: true });

/** The sum of all families of attacks that have run: `attacks: 10 families, 1834 probes, 0 failures`, if any has. */
export function attackLine(): string | undefined {
  const families = globSync(`${COUNTS}/*.json`).map((path) => counts.parse(JSON.parse(readFileSync(path, 'utf8'))));
  if (families.length === 0) return undefined;
  const sum = (of: (family: z.infer<typeof counts>) => number): number =>
    families.reduce((total, family) => total + of(family), 0);
  return `attacks: ${families.length} families, ${sum(({ probes }) => probes)} probes, ${sum(({ failures }) => failures)} failures`;
}
