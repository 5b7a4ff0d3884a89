import { backupFaults } from './registry/backup.faults.js';
import { hostFaults } from './registry/host.faults.js';
import { sqliteFaults } from './registry/sqlite.faults.js';
import { startFaults } from './registry/start.faults.js';
import { testFaults } from './test-faults.js';

testFaults('the host, its disk and first starts', [...hostFaults, ...sqliteFaults, ...backupFaults, ...startFaults]);
