/** The simulation of pods that are followed over a faulty watch. */
import type { Subject } from '../subject.js';
import { minimise } from './minimise.js';
import { generate, type WatchScenario } from './scenario.js';
import { runScenario, type WatchVerdict } from './world.js';

export const watches: Subject<WatchScenario, WatchVerdict> = {
  option: '--watch ',
  corpus: 'watch-corpus',
  words: { worlds: 'clusters', counted: 'exits of followed pods', rate: 'exits' },
  generate,
  runScenario,
  minimise,
  report: ({ log, violation }, { seed, events }) => {
    console.log(`seed ${seed}, ${events.length} events`);
    for (const { at, what } of log.trace) console.log(`${String(at).padStart(8)} ms  ${what}`);
    if (violation !== undefined) console.log(`\nBROKEN: ${violation.sentence}\n        ${violation.what}`);
  },
  countIn: ({ log }) => log.exits,
};
