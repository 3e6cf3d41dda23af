/**
 * Reads and writes of a Windows handle that is open for overlapped use: begun here, ended by the system, with no thread
 * that waits.
 *
 * The invariants: what the system may still write to stays where it is and alive until it is done; the handle is closed
 * once, when nothing is under way with it.
 */
import { keepAlive } from '../call/keep-alive.js';
import { koffi } from '../call/koffi.js';
import { kernel32 } from './kernel32.js';
import { orFail, win32 } from './win32-error.js';

/** `code` is one of Windows; 0 for success. `length` may be more than zero with a failure, too. */
type Done = (code: number, length: number) => void;

export interface Overlapped {
  /** One read at a time. `done` is called from a later turn or at once. */
  read(into: Uint8Array, done: Done): void;
  /** One write at a time. */
  write(from: Uint8Array, done: Done): void;
  /** Waits for a client of a pipe that was made here. */
  connect(done: Done): void;
  /** What is under way ends with `operationAborted`. May be called more than once. */
  close(): void;
}

interface Operation {
  readonly overlapped: Uint8Array;
  /** The address of the above, by which the system tells which operation has ended. */
  readonly address: bigint;
  finish(): void;
}

const OVERLAPPED_SIZE = 32;
const SKIP_COMPLETION_PORT_ON_SUCCESS = 1;

const underWay = new Map<bigint, Operation>();
let callback: bigint | undefined;

const completed = (): bigint => {
  const { register, pointer, proto } = koffi();
  callback ??= register(
    (_code: number, _length: number, address: number | bigint) => underWay.get(BigInt(address))?.finish(),
    pointer(proto('__stdcall', 'void', ['uint32', 'uint32', 'uintptr_t'])),
  );
  return callback;
};

/** Takes the handle over. @throws Win32Error for one that is not open for overlapped use; it stays the caller's then. */
export const overlapped = (handle: number): Overlapped => {
  orFail('BindIoCompletionCallback', kernel32.BindIoCompletionCallback(handle, completed(), 0));
  // What is done at once needs no telling. Where it cannot be had, all is told.
  const skips = kernel32.SetFileCompletionNotificationModes(handle, SKIP_COMPLETION_PORT_ON_SUCCESS) !== 0;
  const running = new Set<Operation>();
  let closed = false;

  const closeIfIdle = (): void => {
    if (closed && running.size === 0) kernel32.CloseHandle(handle);
  };

  /** @param buffer kept alive with the operation: the system has only its address. */
  const begin = (buffer: Uint8Array, call: (overlapped: Uint8Array) => number, done: Done): void => {
    if (closed) return done(win32.operationAborted, 0);
    const overlapped = new Uint8Array(OVERLAPPED_SIZE);
    const length = new Uint32Array(1);
    const rest = keepAlive();
    const operation: Operation & { readonly buffer: Uint8Array } = {
      overlapped,
      address: koffi().address(overlapped),
      buffer,
      finish: () => {
        underWay.delete(operation.address);
        running.delete(operation);
        const code = kernel32.GetOverlappedResult(handle, overlapped, length, 0)
          ? 0
          : kernel32.GetLastError();
        rest();
        closeIfIdle();
        done(code, length[0] ?? 0);
      },
    };
    underWay.set(operation.address, operation);
    running.add(operation);
    const begun = call(overlapped);
    const code = begun ? 0 : kernel32.GetLastError();
    if (code === win32.ioPending || (code === 0 && !skips)) return;
    if (code === 0) return operation.finish();
    underWay.delete(operation.address);
    running.delete(operation);
    rest();
    done(code, 0);
  };

  return {
    read: (into, done) =>
      begin(into, (overlapped) => kernel32.ReadFile(handle, into, into.length, null, overlapped), done),
    write: (from, done) =>
      begin(from, (overlapped) => kernel32.WriteFile(handle, from, from.length, null, overlapped), done),
    connect: (done) =>
      begin(new Uint8Array(0), (overlapped) => kernel32.ConnectNamedPipe(handle, overlapped), done),
    close: () => {
      if (closed) return;
      closed = true;
      if (running.size > 0) kernel32.CancelIoEx(handle, null);
      closeIfIdle();
    },
  };
};
