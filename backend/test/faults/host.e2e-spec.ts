import { backupFaults } from './registry/storage/backup.faults.js';
import { hostFaults } from './registry/processes/host.faults.js';
import { sqliteFaults } from './registry/storage/sqlite.faults.js';
import { startFaults } from './registry/processes/start.faults.js';
import { testFaults } from './test-faults.js';

testFaults('the host, its disk and first starts', [...hostFaults, ...sqliteFaults, ...backupFaults, ...startFaults]);
