import { nodeProgram } from '../../src/testing/contract/index.js';
import { overEachLibrary } from '../hcs/windows/on-the-double.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

overEachLibrary('a Windows container fulfils the contract', ({ container }) => {
  contractUnderJest({
    system: () => container(),
    program: nodeProgram,
    features: ['exitWithUnreadOutput'],
    skips: skips.windows,
  });
});
