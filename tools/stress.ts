/**
 * `npm run stress -- [--lives 10000] [--at-once 16] [--seed N] [--runs]`: local processes ended at random
 * instants, or with `--runs` runs that are unsubscribed from at random instants, after which no
 * process of any tree, descriptor, listener, timer or unhandled rejection may be left. Exit 1 where one is.
 */
import { parseArgs } from 'node:util';
import { live } from './stress/life.js';
import { liveAsRun } from './stress/run-life.js';
import { stress } from './stress/stress.js';

const { values } = parseArgs({
  options: {
    lives: { type: 'string', default: '10000' },
    'at-once': { type: 'string', default: '16' },
    runs: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [lives, atOnce, seed] = [values.lives, values['at-once'], values.seed].map(Number) as [
  number,
  number,
  number,
];
console.log(`${lives} lives, ${atOnce} at once, seed ${seed}`);
const began = performance.now();
const { left, failures, ways } = await stress({ lives, atOnce, seed, live: values.runs ? liveAsRun : live });
for (const [way, count] of Object.entries(ways).sort()) console.log(`${String(count).padStart(6)}  ${way}`);
console.log(`in ${((performance.now() - began) / 1_000).toFixed(0)} s, left:`, JSON.stringify(left));
for (const failure of failures.slice(0, 20)) console.log(failure);
const leaks = Object.values(left).some((some) => (typeof some === 'number' ? some > 0 : some.length > 0));
process.exitCode = leaks || failures.length > 0 ? 1 : 0;
