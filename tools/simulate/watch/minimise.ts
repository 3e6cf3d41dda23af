/** Makes a failing world smaller by leaving out events. */
import { minimiser } from '../minimiser.js';
import type { WatchScenario } from './scenario.js';
import { runScenario } from './world.js';

export const minimise = minimiser<WatchScenario>({ runScenario, plainer: [], simplerThan: () => [] });
