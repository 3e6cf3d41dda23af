/** The simulation of the shim's daemon. */
import type { Subject } from '../subject.js';
import { type DaemonVerdict, runScenario } from './check.js';
import { generate } from './generate.js';
import { minimise } from './minimise.js';
import { report } from './report.js';
import type { DaemonScenario } from './scenario.js';

export const daemons: Subject<DaemonScenario, DaemonVerdict> = {
  option: '--daemon ',
  corpus: 'daemon-corpus',
  words: { worlds: 'worlds', counted: 'calls', rate: 'calls' },
  generate,
  runScenario,
  minimise,
  report,
  countIn: ({ log }) => log.calls.filter(({ received }) => received !== undefined).length,
};
