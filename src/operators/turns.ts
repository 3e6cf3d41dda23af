/** The old names of the serial queue, until `streams/exec` uses the new ones. */
export { type Enqueue as InTurn, serialQueue as turns } from './serial-queue.js';
