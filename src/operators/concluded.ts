/** The old name of `settledWithin`, until `streams/exec` uses the new one. */
export { settledWithin as concluded } from './settled-within.js';
