/**
 * Collects all garbage, and gives the pages that became free back to the system.
 *
 * V8 offers no other way to ask for that than a function that exists under a flag. The flag is set only while the function
 * is looked up: V8 rejects compiled code that was kept under other flags than the present ones.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { koffi } from '../../hcs/native/call/koffi.js';

let collect: (() => void) | undefined;
let releaseFreed: (() => void) | undefined;

export const giveMemoryBack = (): void => {
  collect ??= collector();
  releaseFreed ??= releaser();
  collect();
  // The first collection runs finalizers; the second collects what they freed, such as buffers.
  collect();
  releaseFreed();
};

const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return () => gc();
};

const releaser = (): (() => void) => {
  try {
    const trim = koffi().load(null).func('malloc_trim', 'int', ['size_t']);
    return () => void trim(0);
  } catch {
    // Another C library than glibc.
    return () => undefined;
  }
};
