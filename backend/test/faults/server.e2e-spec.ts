import { commitOutcomeFaults } from './registry/commit-outcome.faults.js';
import { databaseFaults } from './registry/database.faults.js';
import { processFaults } from './registry/process.faults.js';
import { shutdownFaults } from './registry/shutdown.faults.js';
import { testFaults } from './test-faults.js';

testFaults('processes and databases', [...processFaults, ...shutdownFaults, ...databaseFaults, ...commitOutcomeFaults]);
