import type { Fault } from '../fault.js';
import { backupFaults } from './storage/backup.faults.js';
import { beginningFaults } from './processes/beginnings.faults.js';
import { busFaults } from './bus.faults.js';
import { clockFaults } from './processes/clock.faults.js';
import { commandFaults } from './clients/command.faults.js';
import { commandKillFaults } from './clients/command-kill.faults.js';
import { commitOutcomeFaults } from './storage/commit-outcome.faults.js';
import { databaseFaults } from './storage/database.faults.js';
import { hostFaults } from './processes/host.faults.js';
import { modelFaults } from './model.faults.js';
import { networkFaults } from './clients/network.faults.js';
import { packetFaults } from './clients/packet.faults.js';
import { postgresFaults } from './storage/postgres.faults.js';
import { processFaults } from './processes/process.faults.js';
import { rollingFaults } from './processes/rolling.faults.js';
import { shutdownFaults } from './processes/shutdown.faults.js';
import { upgradeFaults } from './processes/upgrade.faults.js';
import { silenceFaults } from './storage/silence.faults.js';
import { sqliteFaults } from './storage/sqlite.faults.js';
import { startFaults } from './processes/start.faults.js';

/** All known faults. */
export const FAULTS: readonly Fault[] = [
  ...processFaults,
  ...commandKillFaults,
  ...rollingFaults,
  ...upgradeFaults,
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
