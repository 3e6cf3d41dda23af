import { describeWithRunc, harness } from '../hcs/runc/on-runc.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

describeWithRunc('containers of runc fulfil the contract', () => {
  const { container } = harness();
  contractUnderJest({
    system: ({ args = [] }) => container(args),
    features: [
      'create',
      'delete',
      'signalAll',
      'tree',
      'descriptors',
      'terminal',
      'exitSignals',
      'endsWithInit',
      'exitOrder',
      'exitWithUnreadOutput',
    ],
    skips: skips.runc,
  });
});
