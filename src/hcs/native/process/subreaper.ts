/**
 * Makes this process the one to which orphans among its descendants come.
 *
 * What a container runtime starts outlives the runtime, and only a parent is told how a process ended.
 */
import { koffi } from '../call/koffi.js';
import { orThrow } from '../call/libc.js';

const PR_SET_CHILD_SUBREAPER = 36;

let done = false;

/** From the first call on, and for good: what is a descendant by then stays one. */
export const becomeSubreaper = (): void => {
  if (done) return;
  const prctl = koffi().load(null).func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);
  orThrow('prctl', prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  done = true;
};
