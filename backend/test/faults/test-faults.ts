import { afterAll, describe, expect, it } from '@jest/globals';
import type { Fault } from './fault.js';
import { DATABASE, IS_THOROUGH, PER_ROUND_MS, printTable, roundsOf, SEED, titleOf } from './plan.js';
import { QUICK_LEASE } from './registry/processes/shutdown.faults.js';
import { describeFailure, FaultRunner } from './run-fault.js';

/** Makes a test of each fault, and prints the number of rounds and violations. */
export function testFaults(about: string, faults: readonly Fault[]): void {
  // A suite without tests would be an error, and some faults exist on one database only.
  const planned = faults.filter((fault) => roundsOf(fault) > 0);
  const table: (string | number)[][] = [];
  // On PostgreSQL the runs of a dead process wait for their lease to expire.
  const runner = new FaultRunner([], DATABASE === 'postgresql' ? QUICK_LEASE : []);

  describe(`faults of ${about}`, () => {
    afterAll(async () => {
      await runner[Symbol.asyncDispose]();
      if (table.length > 0)
        printTable([[`fault (${DATABASE}, seed ${SEED})`, 'rounds', 'seconds', 'violations'], ...table]);
    });

    if (planned.length === 0) it.todo('have no rounds here; npm run test:faults runs more');
    for (const fault of planned) {
      const reason = fault.whyNot?.();
      const test = reason === undefined ? it : it.skip;
      const why = reason === undefined ? '' : ` (not run: ${reason})`;
      const rounds = roundsOf(fault);
      const run = async (): Promise<void> => {
        const startedAt = Date.now();
        const options = { rounds, seed: SEED, isThorough: IS_THOROUGH, roundMs: PER_ROUND_MS };
        const failed = await runner.run(fault, options);
        const violations = failed.reduce((sum, round) => sum + round.violations.length, 0);
        table.push([fault.name, rounds, ((Date.now() - startedAt) / 1000).toFixed(1), violations]);
        expect(failed.map((round) => describeFailure(fault.name, round))).toEqual([]);
      };
      test(titleOf(fault.rules, `${fault.name}${why}`), run, 2 * rounds * PER_ROUND_MS);
    }
  });
}
