/** Makes a failing world smaller by leaving out events. */
import { minimiser } from '../minimiser.js';
import type { TakeoverScenario } from './scenario.js';
import { runScenario } from './world.js';

export const minimise = minimiser<TakeoverScenario>({ runScenario, plainer: [], simplerThan: () => [] });
