/** What the engines of runc and of this host make of a process for good, and specs must undo: they share their process with others. */
import { afterAll } from '@jest/globals';
import { koffi } from '../../src/hcs/native/call/koffi.js';

const PR_SET_CHILD_SUBREAPER = 36;

/** From the end of this spec file on orphans go elsewhere again: daemons that other specs start are to have no parent here. */
export const noSubreaperAfterwards = (): void =>
  afterAll(() => {
    const prctl = koffi().load(null).func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  });
