import { afterAll, describe, expect, it } from '@jest/globals';
import type { Fault } from './fault.js';
import { GUARDS } from './guards/index.js';
import { DATABASE, IS_PARTIAL, printTable, SEED } from './plan.js';
import { FAULTS } from './registry/index.js';
import { QUICK_LEASE } from './registry/processes/shutdown.faults.js';
import { FaultRunner } from './run-fault.js';

const MAX_ROUNDS = 25;
const TIMEOUT_MS = 20 * 60_000;

function faultNamed(name: string): Fault {
  const fault = FAULTS.find((one) => one.name === name);
  if (!fault) throw new Error(`There is no fault "${name}"`);
  return fault;
}

/** Shortened, without ids. */
const excerpt = (detail: string): string => detail.replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, '..').slice(0, 100);

/** Tests the tests: without a guard, at least one fault must fail. */
describe('a server without one of its guards', () => {
  const table: (string | number)[][] = [];
  afterAll(() => {
    if (table.length > 0) printTable([['guard switched off', 'fault that noticed', 'rounds needed', 'by'], ...table]);
  });

  const test = IS_PARTIAL ? it.skip : it;
  const guards = GUARDS.filter(({ databases }) => (databases ?? [DATABASE]).includes(DATABASE));
  for (const { name, patches, noticedBy, checkOffsets } of guards) {
    test(
      `fails a fault test: ${name}`,
      async () => {
        await using runner = new FaultRunner(patches, DATABASE === 'postgresql' ? QUICK_LEASE : []);
        for (const fault of noticedBy.map(faultNamed)) {
          if (!(fault.databases ?? [DATABASE]).includes(DATABASE)) continue;
          const options = { rounds: MAX_ROUNDS, seed: SEED, checkOffsets: checkOffsets ?? true, isOnceEnough: true };
          const [failed] = await runner.run(fault, options);
          if (!failed) continue;
          const [first] = failed.violations;
          table.push([name, fault.name, failed.round, `[${first?.rule ?? ''}] ${excerpt(first?.detail ?? '')}`]);
          return;
        }
        table.push([name, 'none', MAX_ROUNDS, '']);
        expect(table.at(-1)).toBe('noticed');
      },
      TIMEOUT_MS,
    );
  }
});
