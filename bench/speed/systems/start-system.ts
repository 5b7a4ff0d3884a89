import { join } from 'node:path';
import { createTestDatabase } from '../../../backend/test/support/test-database.ts';
import { runAnswers } from '../load/answers.ts';
import { LockstepSystem } from './lockstep-system.ts';
import type { Surroundings, SystemName } from '../parts/part.ts';
import { RelaySystem } from './relay-system.ts';
import type { System } from './system.ts';

/** Starts either of the two, Lockstep on an empty SQLite database that goes with it. */
export function startSystem(name: SystemName, surroundings: Surroundings): Promise<System> {
  if (name === 'relay') return RelaySystem.start(surroundings.children, surroundings.modelPort);
  return startLockstep(surroundings);
}

/** @param preload a module that is loaded before the server; it writes what it finds to a file beside the database. */
export async function startLockstep({ children, modelPort }: Surroundings, preload?: string): Promise<LockstepSystem> {
  const database = await createTestDatabase(null);
  return LockstepSystem.start(children, {
    database,
    modelPort,
    ...(preload !== undefined && { preload: { module: preload, report: join(database.dataDir, 'report.json') } }),
  });
}

/** Lets a server compile what it needs before it is measured. */
export async function warmUp(system: System): Promise<void> {
  await runAnswers(system, { answers: 10, rate: 500, seconds: 1.2 });
  await runAnswers(system, { answers: 40, rate: 60, seconds: 1.5 });
}
