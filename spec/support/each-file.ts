/** Runs in every spec file: what one file makes of the process that it shares with others ends with it. */
import { noSubreaperAfterwards } from './subreaper.js';

if (process.platform === 'linux') noSubreaperAfterwards();
