/** Before all specs: whatever they start or make is marked as theirs, and removed when they are over or interrupted. */
import { beginRun } from './begin-run.mjs';

export default function jestBegin() {
  if (process.platform === 'linux') /** @type {{ endRun?: unknown }} */ (globalThis).endRun = beginRun();
}
