/**
 * Converts Node's file descriptors to Windows handles.
 */
import { invalid } from '../../failures/errors.js';
import { koffi, type NativeFunction } from '../call/koffi.js';
import { INVALID_HANDLE, kernel32 } from './kernel32.js';
import { orFail } from './win32-error.js';

const DUPLICATE_SAME_ACCESS = 2;

let bound: NativeFunction | undefined;

// Descriptors are numbered by Node's C runtime, so Node's own function is asked.
const handleBeneath = (fd: number): number => {
  bound ??= koffi().load(null).func('uv_get_osfhandle', 'intptr_t', ['int']);
  return bound(fd);
};

/** The handle of a descriptor, which still owns it. @throws RxshimError `invalidArgument` if it is not open. */
export const handleOf = (field: string, fd: number): number => {
  const handle = Number.isInteger(fd) && fd >= 0 ? handleBeneath(fd) : INVALID_HANDLE;
  // -2 is a standard stream of a program without a console.
  if (handle === INVALID_HANDLE || handle === -2) throw invalid(field, fd, 'an open file descriptor');
  return handle;
};

/** An inheritable duplicate of the handle. The caller closes it. */
export const inheritableCopy = (handle: number): number => {
  const copy = new BigUint64Array(1);
  const self = kernel32.GetCurrentProcess();
  orFail('DuplicateHandle', kernel32.DuplicateHandle(self, handle, self, copy, 0, 1, DUPLICATE_SAME_ACCESS));
  return Number(copy[0]);
};
