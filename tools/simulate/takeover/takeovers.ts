/** The simulation of a task whose orchestrator is killed, and which its successor adopts. */
import type { Verdict } from '../check.js';
import { report } from '../report.js';
import type { Subject } from '../subject.js';
import { minimise } from './minimise.js';
import { generate, type TakeoverScenario } from './scenario.js';
import { runScenario } from './world.js';

export const takeovers: Subject<TakeoverScenario, Verdict> = {
  option: '--takeover ',
  corpus: 'takeover-corpus',
  words: { worlds: 'tasks', counted: 'execs of adopted tasks', rate: 'execs' },
  generate,
  runScenario,
  minimise,
  report: (verdict, scenario) => {
    console.log(
      `the orchestrator is killed at ${scenario.killedAt} ms; its successor adopts ${scenario.away} ms later`,
    );
    report(verdict, scenario);
  },
  countIn: ({ log }) => log.execs.filter(({ released }) => released !== undefined).length,
};
