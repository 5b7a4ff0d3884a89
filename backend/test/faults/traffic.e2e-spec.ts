import { commandFaults } from './registry/clients/command.faults.js';
import { modelFaults } from './registry/model.faults.js';
import { networkFaults } from './registry/clients/network.faults.js';
import { packetFaults } from './registry/clients/packet.faults.js';
import { testFaults } from './test-faults.js';

testFaults('models, networks and commands', [...modelFaults, ...networkFaults, ...packetFaults, ...commandFaults]);
