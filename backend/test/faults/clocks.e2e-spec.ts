import { beginningFaults } from './registry/processes/beginnings.faults.js';
import { clockFaults } from './registry/processes/clock.faults.js';
import { testFaults } from './test-faults.js';

testFaults('clocks and beginnings', [...clockFaults, ...beginningFaults]);
