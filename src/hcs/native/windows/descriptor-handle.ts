/**
 * From descriptors, as Node counts open files, to the handles of Windows beneath them.
 */
import { invalid } from '../../failures/errors.js';
import { koffi, type NativeFunction } from '../call/koffi.js';
import { INVALID_HANDLE, kernel32 } from './kernel32.js';
import { orFail } from './win32-error.js';

const DUPLICATE_SAME_ACCESS = 2;

let bound: NativeFunction | undefined;

// Descriptors are Node's own counting, so Node's own function has to be asked.
const handleBeneath = (fd: number): number => {
  bound ??= koffi().load(null).func('uv_get_osfhandle', 'intptr_t', ['int']);
  return bound(fd);
};

/** The handle of a descriptor, which stays its own. @throws RxshimError `invalidArgument` for what is none. */
export const handleOf = (field: string, fd: number): number => {
  const handle = Number.isInteger(fd) && fd >= 0 ? handleBeneath(fd) : INVALID_HANDLE;
  // -2 is a stream that a program without a console has by name only.
  if (handle === INVALID_HANDLE || handle === -2) throw invalid(field, fd, 'an open file descriptor');
  return handle;
};

/** A second handle for the same, which a process may inherit. The caller's to close. */
export const inheritableCopy = (handle: number): number => {
  const copy = new BigUint64Array(1);
  const self = kernel32.GetCurrentProcess();
  orFail('DuplicateHandle', kernel32.DuplicateHandle(self, handle, self, copy, 0, 1, DUPLICATE_SAME_ACCESS));
  return Number(copy[0]);
};
