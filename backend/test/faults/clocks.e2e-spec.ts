import { beginningFaults } from './registry/beginnings.faults.js';
import { clockFaults } from './registry/clock.faults.js';
import { testFaults } from './test-faults.js';

testFaults('clocks and beginnings', [...clockFaults, ...beginningFaults]);
