import { it } from '@jest/globals';
import { runcRegistry } from '../../src/hcs/runc/index.js';
import { contractTests } from '../../src/testing/contract/index.js';
import { describeWithRunc, harness } from '../hcs/runc/on-runc.js';

describeWithRunc('recorded containers of runc fulfil the contract of adoption', () => {
  const { container, path, root } = harness();
  const directory = (): string => path('records');
  const tests = contractTests({
    system: ({ args = [] }) => container(args, { records: { directory: directory() } }),
    successor: ({ id }) => runcRegistry({ directory: directory(), root: root() }).system(id),
    features: ['create', 'delete', 'exitWithUnreadOutput', 'adopt'],
  });
  for (const { name, run } of tests) if (name.startsWith('adoption: ')) it(name, run);
});
