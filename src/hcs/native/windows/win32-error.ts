/**
 * Errors of Windows calls, in a form that the classifiers of the Host Compute Service understand as well.
 */
import { hcsStatusError } from '../../failures/status-error.js';
import { kernel32 } from './kernel32.js';

export interface Win32Error extends Error {
  /** The Windows error code. */
  readonly hresult: number;
  /** The call that failed. */
  readonly syscall: string;
}

/** The codes that are compared here. */
export const win32 = {
  fileNotFound: 2,
  accessDenied: 5,
  handleEof: 38,
  brokenPipe: 109,
  pipeBusy: 231,
  noData: 232,
  pipeNotConnected: 233,
  pipeConnected: 535,
  operationAborted: 995,
  ioPending: 997,
} as const;

const texts: Readonly<Record<number, string>> = {
  2: 'no such file',
  3: 'no such path',
  5: 'access is denied',
  109: 'the pipe has been ended',
  193: 'not an executable',
  231: 'all instances of the pipe are busy',
  232: 'the pipe is being closed',
  233: 'no process is on the other end of the pipe',
  267: 'the directory name is invalid',
};

export const win32Error = (syscall: string, code: number): Win32Error =>
  Object.assign(hcsStatusError(code, `${syscall}: ${texts[code] ?? 'failed'} (${code})`), { syscall });

/** Returns the result of a call, or throws its error. */
export const orFail = (syscall: string, result: number): number => {
  if (result === 0) throw win32Error(syscall, kernel32.GetLastError());
  return result;
};
