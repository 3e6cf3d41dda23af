import { local } from '../../src/hcs/local/index.js';
import { describeOnLinux } from '../hcs/native/on-linux.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

describeOnLinux('processes of this host fulfil the contract', () => {
  contractUnderJest({
    system: () => local(),
    features: [
      'tree',
      'descriptors',
      'terminal',
      'exitSignals',
      'endsWithInit',
      'exitOrder',
      'exitWithUnreadOutput',
    ],
    skips: skips.local,
  });
});
