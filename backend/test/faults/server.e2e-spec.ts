import { busFaults } from './registry/bus.faults.js';
import { commandKillFaults } from './registry/command-kill.faults.js';
import { commitOutcomeFaults } from './registry/commit-outcome.faults.js';
import { databaseFaults } from './registry/database.faults.js';
import { postgresFaults } from './registry/postgres.faults.js';
import { processFaults } from './registry/process.faults.js';
import { rollingFaults } from './registry/rolling.faults.js';
import { shutdownFaults } from './registry/shutdown.faults.js';
import { silenceFaults } from './registry/silence.faults.js';
import { testFaults } from './test-faults.js';

testFaults('processes and databases', [
  ...processFaults,
  ...commandKillFaults,
  ...rollingFaults,
  ...shutdownFaults,
  ...databaseFaults,
  ...commitOutcomeFaults,
  ...busFaults,
  ...silenceFaults,
  ...postgresFaults,
]);
