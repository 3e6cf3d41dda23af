/** What a mutant's bundle holds: the simulation of a watch, over sources that are not those in src. */
export { minimise } from './minimise.js';
export { generate } from './scenario.js';
export { runScenario } from './world.js';
