import { commandFaults } from './registry/command.faults.js';
import { modelFaults } from './registry/model.faults.js';
import { networkFaults } from './registry/network.faults.js';
import { packetFaults } from './registry/packet.faults.js';
import { testFaults } from './test-faults.js';

testFaults('models, networks and commands', [...modelFaults, ...networkFaults, ...packetFaults, ...commandFaults]);
