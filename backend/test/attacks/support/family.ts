import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, it } from '@jest/globals';

/** One file for each family; `scripts/counts.ts` adds them up. */
const COUNTS = 'test-results/attacks';
const MOST_SHOWN = 20;

/** One attack: counted, and noted as failed if `check` throws. The test goes on with the next one in either case. */
export type Attack = (what: string, check: () => unknown) => Promise<void>;

/** Defines a test, titled by what it stops; it fails if one of its attacks succeeded, and lists these. */
type Stops = (title: string, run: (attack: Attack) => Promise<void>) => void;

interface Outcome {
  probes: number;
  readonly failures: string[];
}

/** Begins a family of attacks, one for each file, and counts its attacks. */
export function attacks(family: string): Stops {
  const path = `${COUNTS}/${family}.json`;
  const outcomes = new Map<string, Outcome>();
  rmSync(path, { force: true });
  afterAll(() => {
    const all = [...outcomes.values()];
    const probes = all.reduce((sum, outcome) => sum + outcome.probes, 0);
    const failures = all.reduce((sum, outcome) => sum + outcome.failures.length, 0);
    mkdirSync(COUNTS, { recursive: true });
    writeFileSync(path, JSON.stringify({ probes, failures }));
  });
  return (title, run) =>
    it(`stops ${title}`, async () => {
      const outcome: Outcome = { probes: 0, failures: [] };
      outcomes.set(title, outcome);
      await run(async (what, check) => {
        outcome.probes += 1;
        try {
          await check();
        } catch (error) {
          outcome.failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        }
      });
      const { probes, failures } = outcome;
      if (probes === 0) throw new Error('This test attacked nothing.');
      if (failures.length > 0) {
        const shown = failures.slice(0, MOST_SHOWN).join('\n\n');
        throw new Error(`${failures.length} of ${probes} attacks were not stopped:\n\n${shown}`);
      }
    });
}
