import { busFaults } from './registry/bus.faults.js';
import { commandKillFaults } from './registry/clients/command-kill.faults.js';
import { commitOutcomeFaults } from './registry/storage/commit-outcome.faults.js';
import { databaseFaults } from './registry/storage/database.faults.js';
import { postgresFaults } from './registry/storage/postgres.faults.js';
import { processFaults } from './registry/processes/process.faults.js';
import { rollingFaults } from './registry/processes/rolling.faults.js';
import { shutdownFaults } from './registry/processes/shutdown.faults.js';
import { upgradeFaults } from './registry/processes/upgrade.faults.js';
import { silenceFaults } from './registry/storage/silence.faults.js';
import { testFaults } from './test-faults.js';

testFaults('processes and databases', [
  ...processFaults,
  ...commandKillFaults,
  ...rollingFaults,
  ...upgradeFaults,
  ...shutdownFaults,
  ...databaseFaults,
  ...commitOutcomeFaults,
  ...busFaults,
  ...silenceFaults,
  ...postgresFaults,
]);
