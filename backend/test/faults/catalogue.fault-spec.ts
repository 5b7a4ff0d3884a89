import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Fault } from './fault.js';
import { printTable } from './plan.js';
import { FAULTS } from './registry/index.js';

const FOLDER = join(import.meta.dirname, 'registry');

/** The faults of each file of the registry, whether or not the index names it. */
async function readRegistry(): Promise<ReadonlyMap<string, readonly Fault[]>> {
  const found = new Map<string, readonly Fault[]>();
  for (const path of globSync('*.faults.ts', { cwd: FOLDER }).sort()) {
    const exported = (await import(join(FOLDER, path))) as Record<string, unknown>;
    const lists = Object.entries(exported).filter(([name]) => name.endsWith('Faults'));
    found.set(
      basename(path, '.faults.ts'),
      lists.flatMap(([, list]) => list as readonly Fault[]),
    );
  }
  return found;
}

describe('the registry of faults', () => {
  it('names each fault once, and the index has all of them', async () => {
    const registry = await readRegistry();
    const all = [...registry.values()].flat();
    if (process.env['FAULT_LIST']) {
      const rows = [...registry].flatMap(([file, faults]) =>
        faults.map(({ name, rules, databases, rounds: [few, many] }) => [
          name,
          file,
          rules.join(' '),
          (databases ?? ['both']).join(' '),
          few,
          many,
        ]),
      );
      printTable([[`fault (${rows.length})`, 'file', 'rules', 'databases', 'npm test', 'test:faults'], ...rows]);
    }
    const names = all.map(({ name }) => name).sort();
    expect(names).toEqual([...new Set(names)]);
    expect(FAULTS.map(({ name }) => name).sort()).toEqual(names);
  });
});
