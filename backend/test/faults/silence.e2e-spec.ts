import { postgresFaults } from './registry/postgres.faults.js';
import { silenceFaults } from './registry/silence.faults.js';
import { testFaults } from './test-faults.js';

testFaults('connections to the database', [...silenceFaults, ...postgresFaults]);
