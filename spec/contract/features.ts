/** Features that several engines have in common. */
import type { ContractEngine } from '../../src/testing/contract/index.js';

/** Those of containers that a service at the other end of a connection runs. */
export const remoteContainer: ContractEngine['features'] = [
  'create',
  'delete',
  'signalAll',
  'tree',
  'terminal',
  'exitSignals',
  'endsWithInit',
  'exitOrder',
  'exitWithUnreadOutput',
];
