/**
 * Pipes between this program and a child process: overlapped on this side, plain and inheritable on the other.
 */
import { INVALID_HANDLE, kernel32 } from './kernel32.js';
import { win32Error } from './win32-error.js';

const PIPE_ACCESS_INBOUND = 0x1;
const PIPE_ACCESS_OUTBOUND = 0x2;
const FILE_FLAG_FIRST_PIPE_INSTANCE = 0x80000;
const FILE_FLAG_OVERLAPPED = 0x40000000;
const GENERIC_READ = 0x80000000;
const GENERIC_WRITE = 0x40000000;
const SHARE_ALL = 3;
const OPEN_EXISTING = 3;
const CAPACITY = 64 * 1024;

/** SECURITY_ATTRIBUTES that only make the handle inheritable. */
export const inheritable = (): Uint8Array => {
  const attributes = Buffer.alloc(24);
  attributes.writeUInt32LE(24, 0);
  attributes.writeUInt32LE(1, 16);
  return attributes;
};

const opened = (call: string, handle: number): number => {
  if (handle === INVALID_HANDLE) throw win32Error(call, kernel32.GetLastError());
  return handle;
};

let made = 0;

/**
 * Creates a pipe. The caller closes both ends.
 *
 * @param caller what this side does.
 */
export const openPipe = (caller: 'read' | 'write'): { readonly caller: number; readonly child: number } => {
  const name = `\\\\.\\pipe\\rxshim-${process.pid}-${++made}-${Math.random().toString(36).slice(2)}`;
  const reads = caller === 'read';
  const ours = opened(
    'CreateNamedPipeW',
    kernel32.CreateNamedPipeW(
      name,
      ((reads ? PIPE_ACCESS_INBOUND : PIPE_ACCESS_OUTBOUND) |
        FILE_FLAG_FIRST_PIPE_INSTANCE |
        FILE_FLAG_OVERLAPPED) >>>
        0,
      0,
      1,
      CAPACITY,
      CAPACITY,
      0,
      null,
    ),
  );
  try {
    const access = reads ? GENERIC_WRITE : GENERIC_READ;
    const theirs = kernel32.CreateFileW(name, access, 0, inheritable(), OPEN_EXISTING, 0, 0);
    return { caller: ours, child: opened('CreateFileW', theirs) };
  } catch (error) {
    kernel32.CloseHandle(ours);
    throw error;
  }
};

/** The NUL device, inheritable. */
export const openNull = (): number =>
  opened(
    'CreateFileW',
    kernel32.CreateFileW(
      'NUL',
      (GENERIC_READ | GENERIC_WRITE) >>> 0,
      SHARE_ALL,
      inheritable(),
      OPEN_EXISTING,
      0,
      0,
    ),
  );

/** Connects to an existing named pipe for overlapped I/O. @throws Win32Error */
export const dialPipe = (path: string, mode: 'read' | 'write'): number =>
  opened(
    'CreateFileW',
    kernel32.CreateFileW(
      path,
      mode === 'read' ? GENERIC_READ : GENERIC_WRITE,
      0,
      null,
      OPEN_EXISTING,
      FILE_FLAG_OVERLAPPED,
      0,
    ),
  );
