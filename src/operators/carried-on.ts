/** The old name of `uninterruptible`, until `streams/exec` uses the new one. */
export { uninterruptible as carriedOn } from './uninterruptible.js';
