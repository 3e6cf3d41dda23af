/** The old name of `settleWithin`, until `streams/exec` uses the new one. */
export { settleWithin as conclude } from './settle-within.js';
