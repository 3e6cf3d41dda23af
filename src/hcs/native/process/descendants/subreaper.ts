/**
 * Makes this process a child subreaper, so that orphans among its descendants are reparented to it.
 *
 * A process that a container runtime starts outlives the runtime, and only its parent can read its exit status.
 */
import { koffi } from '../../call/koffi.js';
import { orThrow } from '../../call/libc.js';

const PR_SET_CHILD_SUBREAPER = 36;

let done = false;

/** Permanent, because descendants stay descendants. */
export const becomeSubreaper = (): void => {
  if (done) return;
  const prctl = koffi().load(null).func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);
  orThrow('prctl', prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  done = true;
};
