import type { Fault } from '../fault.js';
import { backupFaults } from './backup.faults.js';
import { beginningFaults } from './beginnings.faults.js';
import { busFaults } from './bus.faults.js';
import { clockFaults } from './clock.faults.js';
import { commandFaults } from './command.faults.js';
import { commandKillFaults } from './command-kill.faults.js';
import { commitOutcomeFaults } from './commit-outcome.faults.js';
import { databaseFaults } from './database.faults.js';
import { hostFaults } from './host.faults.js';
import { modelFaults } from './model.faults.js';
import { networkFaults } from './network.faults.js';
import { packetFaults } from './packet.faults.js';
import { postgresFaults } from './postgres.faults.js';
import { processFaults } from './process.faults.js';
import { rollingFaults } from './rolling.faults.js';
import { shutdownFaults } from './shutdown.faults.js';
import { silenceFaults } from './silence.faults.js';
import { sqliteFaults } from './sqlite.faults.js';
import { startFaults } from './start.faults.js';

/** Everything that is known to go wrong. */
export const FAULTS: readonly Fault[] = [
  ...processFaults,
  ...commandKillFaults,
  ...rollingFaults,
  ...shutdownFaults,
  ...modelFaults,
  ...networkFaults,
  ...packetFaults,
  ...commandFaults,
  ...databaseFaults,
  ...clockFaults,
  ...beginningFaults,
  ...commitOutcomeFaults,
  ...postgresFaults,
  ...silenceFaults,
  ...hostFaults,
  ...sqliteFaults,
  ...backupFaults,
  ...startFaults,
  ...busFaults,
];
