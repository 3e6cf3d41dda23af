/** A file that is nowhere but in memory, and gone with the last descriptor for it. */
import { koffi, type NativeFunction } from '../call/koffi.js';
import { openedOrThrow } from './of-this-thread.js';

const MFD_CLOEXEC = 1;

let bound: NativeFunction | undefined;

/** @param name shows in /proc. */
export const memoryFile = (name: string): number => {
  bound ??= koffi().load(null).func('memfd_create', 'int', ['str', 'uint']);
  return openedOrThrow('memfd_create', bound(name, MFD_CLOEXEC));
};
