import type { Fault } from '../fault.js';
import { beginningFaults } from './beginnings.faults.js';
import { clockFaults } from './clock.faults.js';
import { commandFaults } from './command.faults.js';
import { commitOutcomeFaults } from './commit-outcome.faults.js';
import { databaseFaults } from './database.faults.js';
import { modelFaults } from './model.faults.js';
import { networkFaults } from './network.faults.js';
import { processFaults } from './process.faults.js';
import { shutdownFaults } from './shutdown.faults.js';

/** Everything that is known to go wrong. */
export const FAULTS: readonly Fault[] = [
  ...processFaults,
  ...shutdownFaults,
  ...modelFaults,
  ...networkFaults,
  ...commandFaults,
  ...databaseFaults,
  ...clockFaults,
  ...beginningFaults,
  ...commitOutcomeFaults,
];
