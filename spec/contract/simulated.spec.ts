import { describe } from '@jest/globals';
import { asyncScheduler } from 'rxjs';
import { exited } from '../../src/hcs/contract/exit-code.js';
import type { ProcessSpec } from '../../src/hcs/contract/process-spec.js';
import { RxshimError } from '../../src/hcs/failures/errors.js';
import type { Script } from '../../src/hcs/simulated/script-options.js';
import { type SimulatedSystem, simulatedSystem } from '../../src/hcs/simulated/simulated-system.js';
import type { ContractProgram } from '../../src/testing/contract/index.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

/** One command for each program and what it is given. */
const commandOf = (program: ContractProgram): string => JSON.stringify(program).replaceAll(' ', '_');

const scripts: Record<string, Script> = {};

/** A process whose script is known when its system is made. */
const scripted = (program: ContractProgram, script: Script): void => {
  scripts[commandOf(program)] = script;
};

const specOf = (program: ContractProgram): ProcessSpec => ({ args: [commandOf(program)] });

for (const code of [0, 3, 4, 7, 255]) {
  scripted({ does: 'exit', code }, { life: 'r(x|)', values: { x: exited(code) } });
}
for (let code = 1; code <= 12; code += 1) {
  scripted(
    { does: 'print', stdout: `out ${code}`, stderr: '', code },
    { life: 'r(ox|)', values: { o: `out ${code}`, x: exited(code) } },
  );
}

const notFound = new RxshimError('notFound', 'no such program', { exitStatus: 127 });
scripted({ does: 'missing' }, { life: '#', values: { '#': notFound } });
scripted({ does: 'wait' }, { life: 'ro', values: { o: 'ready' }, on: { TERM: '(x|)' } });
scripted({ does: 'ignore' }, { life: 'ro', values: { o: 'ready' }, on: { TERM: '' } });
scripted(
  { does: 'print', stdout: 'out', stderr: 'err', code: 7 },
  { life: 'r(oex|)', values: { o: 'out', e: { stderr: 'err' }, x: exited(7) } },
);
scripted({ does: 'flood', bytes: 1 << 20 }, { life: 'r(ox|)', values: { o: '\0'.repeat(1 << 20) } });
scripted({ does: 'cat' }, { life: 'r', on: { EOF: '(x|)' } });
const args = ['a b', '', 'quote " and \\', '$HOME `x` *', 'grüß'];
const name = 'grüß "gott" = $x';
scripted(
  { does: 'describe', name, args },
  { life: 'r(ox|)', values: { o: `${[name, ...args].join('\n')}\n` } },
);

describe('simulated systems fulfil the contract', () => {
  contractUnderJest({
    system: () => simulatedSystem({ scheduler: asyncScheduler, processes: scripts }),
    program: specOf,
    features: ['exitSignals', 'exitOrder', 'exitWithUnreadOutput', 'adopt'],
    successor: (system) => (system as SimulatedSystem).successor(),
    skips: skips.simulated,
  });
});
