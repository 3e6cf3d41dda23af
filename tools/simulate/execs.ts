/** The simulation of one task with its execs. */
import { runScenario, type Verdict } from './check.js';
import { generate } from './generate.js';
import { minimise } from './minimise.js';
import { report } from './report.js';
import type { Scenario } from './scenario.js';
import type { Subject } from './subject.js';

export const execs: Subject<Scenario, Verdict> = {
  option: '',
  corpus: 'corpus',
  words: { worlds: 'tasks', counted: 'whole execs', rate: 'execs' },
  generate,
  runScenario,
  minimise,
  report,
  countIn: ({ log }) => log.execs.filter(({ released }) => released !== undefined).length,
};
