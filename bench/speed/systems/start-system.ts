import { join } from 'node:path';
import { createTestDatabase } from '../../../backend/test/support/test-database.ts';
import { runAnswers } from '../load/answers.ts';
import { LockstepSystem } from './lockstep-system.ts';
import type { Surroundings, SystemName } from '../parts/part.ts';
import { RelaySystem } from './relay-system.ts';
import type { System } from './system.ts';

/** Starts Lockstep on an empty SQLite database, or the relay. */
export function startSystem(name: SystemName, surroundings: Surroundings): Promise<System> {
  if (name === 'relay') return RelaySystem.start(surroundings.children, surroundings.modelPort);
  return startLockstep(surroundings);
}

/** @param preload a module that is loaded before the server, and writes its report to a file next to the database */
export async function startLockstep({ children, modelPort }: Surroundings, preload?: string): Promise<LockstepSystem> {
  const database = await createTestDatabase(null);
  return LockstepSystem.start(children, {
    database,
    modelPort,
    ...(preload !== undefined && { preload: { module: preload, report: join(database.dataDir, 'report.json') } }),
  });
}

/** Lets a server load and compile its code before it is measured. */
export async function warmUp(system: System): Promise<void> {
  await runAnswers(system, { answers: 10, rate: 500, seconds: 1.2 });
  await runAnswers(system, { answers: 40, rate: 60, seconds: 1.5 });
}
