/**
 * The handle of a process: waits for its exit without a blocked thread, and can kill it until then.
 */
import { keepAlive } from '../../native/call/keep-alive.js';
import { koffi } from '../../native/call/koffi.js';
import { kernel32, orFail } from '../../native/windows/index.js';
import { codeWhenKilled } from './job.js';

const INFINITE = 0xffffffff;
const ONLY_ONCE = 0x8;
const NO_SUCH_HANDLE = 6;
const ACCESS_DENIED = 5;

const watched = new Map<number, () => void>();
let last = 0;
let callback: bigint | undefined;

/** Called on a system thread when the wait is over. */
const ended = (): bigint => {
  const { register, pointer, proto } = koffi();
  callback ??= register(
    (number: number) => watched.get(number)?.(),
    pointer(proto('__stdcall', 'void', ['uintptr_t', 'uint8'])),
  );
  return callback;
};

export interface ProcessHandle {
  /** Kills the process. Returns false if it has exited already. */
  kill(): boolean;
}

/** Calls back once with the exit code, and closes the handle. Node stays alive until then. */
export const watchProcess = (handle: number, done: (code: number) => void): ProcessHandle => {
  const rest = keepAlive();
  const number = ++last;
  const wait = new BigUint64Array(1);
  let over = false;
  watched.set(number, () => {
    watched.delete(number);
    const code = new Uint32Array(1);
    kernel32.GetExitCodeProcess(handle, code);
    // The callback has run, so this does not block.
    kernel32.UnregisterWait(Number(wait[0]));
    kernel32.CloseHandle(handle);
    over = true;
    rest();
    done(code[0] ?? 0);
  });
  orFail(
    'RegisterWaitForSingleObject',
    kernel32.RegisterWaitForSingleObject(wait, handle, ended(), number, INFINITE, ONLY_ONCE),
  );
  return {
    kill: () => {
      if (over || !kernel32.TerminateProcess(handle, codeWhenKilled)) {
        // Windows denies access to a process that is ending.
        const code = over ? NO_SUCH_HANDLE : kernel32.GetLastError();
        return code !== NO_SUCH_HANDLE && code !== ACCESS_DENIED;
      }
      return true;
    },
  };
};
