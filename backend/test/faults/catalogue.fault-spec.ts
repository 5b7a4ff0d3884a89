import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Fault } from './fault.js';
import { GUARDS } from './guards/index.js';
import { printTable } from './plan.js';
import { FAULTS } from './registry/index.js';
import { QUICK_LEASE } from './registry/processes/shutdown.faults.js';
import { type Patch, ServerBuild } from './stage/server-build.js';

const FOLDER = join(import.meta.dirname, 'registry');

/** The faults in each file of the registry, listed in the index or not. */
async function readRegistry(): Promise<ReadonlyMap<string, readonly Fault[]>> {
  const found = new Map<string, readonly Fault[]>();
  for (const path of globSync('**/*.faults.ts', { cwd: FOLDER }).sort()) {
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
  it('has unique names, and the index lists all faults', async () => {
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

  // The list is printed without a build too.
  const isBuilt = existsSync('dist/src/main.js');
  const why = isBuilt ? '' : ' (not run: the server is not built)';
  (isBuilt ? it : it.skip)(`has patches that match the built server, also without each guard${why}`, () => {
    const wrong = FAULTS.map(({ name, patches = [] }) => [name, misfit(patches)]);
    for (const { name, patches, noticedBy } of GUARDS) {
      for (const noticing of noticedBy) {
        const fault = FAULTS.find((one) => one.name === noticing);
        wrong.push([name, fault ? misfit([...patches, ...(fault.patches ?? QUICK_LEASE)]) : `no fault ${noticing}`]);
      }
    }
    expect(wrong.filter(([, reason]) => reason !== undefined)).toEqual([]);
  });
});

function misfit(patches: readonly Patch[]): string | undefined {
  try {
    ServerBuild.check(patches);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
