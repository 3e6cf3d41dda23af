/**
 * Overlapped (asynchronous) reads and writes of a Windows handle. No thread waits for them.
 *
 * The invariants: a buffer that the system may still write to is kept alive and in place; the handle is closed once,
 * when no operation is pending.
 */
import { keepAlive } from '../call/keep-alive.js';
import { koffi } from '../call/koffi.js';
import { kernel32 } from './kernel32.js';
import { orFail, win32 } from './win32-error.js';

/** `code` is a Windows error code, 0 for success. After a failure `length` may still exceed zero. */
type Done = (code: number, length: number) => void;

export interface Overlapped {
  /** One read at a time. `done` is called later, or at once. */
  read(into: Uint8Array, done: Done): void;
  /** One write at a time. */
  write(from: Uint8Array, done: Done): void;
  /** Waits for the client of a pipe created here. */
  connect(done: Done): void;
  /** Pending operations end with `operationAborted`. May be called more than once. */
  close(): void;
}

interface Operation {
  readonly overlapped: Uint8Array;
  /** The address of the structure above, by which the system reports which operation has completed. */
  readonly address: bigint;
  finish(): void;
}

const OVERLAPPED_SIZE = 32;
const SKIP_COMPLETION_PORT_ON_SUCCESS = 1;

const inFlight = new Map<bigint, Operation>();
let callback: bigint | undefined;

const completed = (): bigint => {
  const { register, pointer, proto } = koffi();
  callback ??= register(
    (_code: number, _length: number, address: number | bigint) => inFlight.get(BigInt(address))?.finish(),
    pointer(proto('__stdcall', 'void', ['uint32', 'uint32', 'uintptr_t'])),
  );
  return callback;
};

/**
 * Takes ownership of the handle. @throws Win32Error if it is not opened for overlapped I/O; the caller keeps it then.
 */
export const overlapped = (handle: number): Overlapped => {
  orFail('BindIoCompletionCallback', kernel32.BindIoCompletionCallback(handle, completed(), 0));
  // Skips notifications for operations that complete synchronously. If that is not supported, all are notified.
  const skips = kernel32.SetFileCompletionNotificationModes(handle, SKIP_COMPLETION_PORT_ON_SUCCESS) !== 0;
  const running = new Set<Operation>();
  let closed = false;

  const closeIfIdle = (): void => {
    if (closed && running.size === 0) kernel32.CloseHandle(handle);
  };

  /** @param buffer kept alive during the operation, since the system has only its address. */
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
        inFlight.delete(operation.address);
        running.delete(operation);
        const code = kernel32.GetOverlappedResult(handle, overlapped, length, 0)
          ? 0
          : kernel32.GetLastError();
        rest();
        closeIfIdle();
        done(code, length[0] ?? 0);
      },
    };
    inFlight.set(operation.address, operation);
    running.add(operation);
    const started = call(overlapped);
    const code = started ? 0 : kernel32.GetLastError();
    if (code === win32.ioPending || (code === 0 && !skips)) return;
    if (code === 0) return operation.finish();
    inFlight.delete(operation.address);
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
