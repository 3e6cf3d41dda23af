/**
 * Starts a process by CreateProcessW, suspended, so that it is in its job object before it runs.
 *
 * It inherits only the three handles given.
 */
import { koffi } from '../../native/call/koffi.js';
import { kernel32, orFail, win32Error } from '../../native/windows/index.js';

/** The stdio of the process: inheritable handles, or a console. */
export type Connected =
  | { readonly handles: readonly [stdin: number, stdout: number, stderr: number] }
  | { readonly console: number };

export interface LaunchRequest {
  readonly commandLine: string;
  /** The whole environment, as `NAME=value`. */
  readonly environment: readonly string[];
  readonly directory: string;
  readonly connected: Connected;
}

const CREATE_SUSPENDED = 0x4;
const CREATE_NEW_PROCESS_GROUP = 0x200;
const CREATE_UNICODE_ENVIRONMENT = 0x400;
const EXTENDED_STARTUPINFO_PRESENT = 0x80000;
const CREATE_NO_WINDOW = 0x8000000;
const STARTF_USESTDHANDLES = 0x100;
const HANDLE_LIST = 0x20002;
const PSEUDOCONSOLE = 0x20016;

// STARTUPINFOEXW and PROCESS_INFORMATION with 64-bit pointers.
const STARTUP = { size: 112, flags: 60, handles: 80, attributes: 104 } as const;
const PROCESS = { size: 24, process: 0, thread: 8, pid: 16 } as const;

/**
 * @param admit is called with the handle of the process before it runs. The caller closes the handle.
 * @throws Win32Error if it cannot be started, or what `admit` throws; then nothing runs.
 */
export const createProcess = (
  { commandLine, environment, directory, connected }: LaunchRequest,
  admit: (process: number) => void,
): { readonly pid: number; readonly handle: number } => {
  const startup = Buffer.alloc(STARTUP.size);
  startup.writeUInt32LE(STARTUP.size, 0);
  const attribute =
    'console' in connected ? consoleAttribute(connected.console) : handleAttribute(connected.handles);
  try {
    // With a console no handles are named, explicitly: otherwise the process would get this program's own.
    startup.writeUInt32LE(STARTF_USESTDHANDLES, STARTUP.flags);
    if ('handles' in connected) {
      connected.handles.forEach((handle, at) =>
        startup.writeBigUInt64LE(BigInt(handle), STARTUP.handles + at * 8),
      );
    }
    startup.writeBigUInt64LE(koffi().address(attribute.list), STARTUP.attributes);
    const process = Buffer.alloc(PROCESS.size);
    const flags =
      CREATE_SUSPENDED |
      CREATE_UNICODE_ENVIRONMENT |
      EXTENDED_STARTUPINFO_PRESENT |
      CREATE_NEW_PROCESS_GROUP |
      ('handles' in connected ? CREATE_NO_WINDOW : 0);
    const started = kernel32.CreateProcessW(
      null,
      // The system writes to it.
      Buffer.from(`${commandLine}\0`, 'utf16le'),
      null,
      null,
      'handles' in connected ? 1 : 0,
      flags,
      Buffer.from(`${environment.join('\0')}\0\0`, 'utf16le'),
      directory,
      startup,
      process,
    );
    if (!started) throw win32Error('CreateProcessW', kernel32.GetLastError());
    const handle = Number(process.readBigUInt64LE(PROCESS.process));
    const thread = Number(process.readBigUInt64LE(PROCESS.thread));
    try {
      admit(handle);
      kernel32.ResumeThread(thread);
    } catch (error) {
      kernel32.TerminateProcess(handle, 1);
      kernel32.CloseHandle(handle);
      throw error;
    } finally {
      kernel32.CloseHandle(thread);
    }
    return { pid: process.readUInt32LE(PROCESS.pid), handle };
  } finally {
    kernel32.DeleteProcThreadAttributeList(attribute.list);
  }
};

interface Attribute {
  readonly list: Uint8Array;
  /** The buffers that the list points to: kept alive with it. */
  readonly value: unknown;
}

const attributeList = (which: number, value: unknown, size: number): Attribute => {
  const length = new BigUint64Array(1);
  // Called without a buffer, it returns the required size.
  kernel32.InitializeProcThreadAttributeList(null, 1, 0, length);
  const list = Buffer.alloc(Number(length[0]));
  orFail('InitializeProcThreadAttributeList', kernel32.InitializeProcThreadAttributeList(list, 1, 0, length));
  orFail(
    'UpdateProcThreadAttribute',
    kernel32.UpdateProcThreadAttribute(list, 0, which, value, size, null, null),
  );
  return { list, value };
};

const handleAttribute = (handles: readonly number[]): Attribute => {
  const value = BigUint64Array.from(new Set(handles), BigInt);
  return attributeList(HANDLE_LIST, value, value.byteLength);
};

const consoleAttribute = (console: number): Attribute => attributeList(PSEUDOCONSOLE, BigInt(console), 8);
