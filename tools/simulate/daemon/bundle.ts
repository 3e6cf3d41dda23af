/** What a mutant's bundle holds: the simulation of the daemon, over sources that are not those in src. */
export { runScenario } from './check.js';
export { generate } from './generate.js';
export { minimise } from './minimise.js';
