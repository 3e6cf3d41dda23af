import { randomUUID } from 'node:crypto';
import { connectedAgent, describeOnLinux } from '../agent/real-agent.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

describeOnLinux('containers of a guest agent fulfil the contract, over a real socket', () => {
  contractUnderJest({
    system: async (spec) => {
      const { guest } = await connectedAgent();
      return guest.createContainer({ id: randomUUID(), spec: { process: spec } });
    },
    features: ['delete', 'terminal', 'endsWithInit'],
    skips: skips.guest,
  });
});
