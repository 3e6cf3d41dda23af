/**
 * Windows calls that Node does not offer, bound on first use.
 *
 * Handles are passed as numbers. Each call returns what Windows returns: 0 for a failure. `lastError` is valid until
 * the next call.
 */
import { RxshimError } from '../../failures/errors.js';
import { koffi, type NativeFunction } from '../call/koffi.js';

const signatures = {
  BindIoCompletionCallback: ['int', 'uintptr_t', 'void *', 'uint32'],
  SetFileCompletionNotificationModes: ['int', 'uintptr_t', 'uint8'],
  ReadFile: ['int', 'uintptr_t', 'void *', 'uint32', 'void *', 'void *'],
  WriteFile: ['int', 'uintptr_t', 'void *', 'uint32', 'void *', 'void *'],
  GetOverlappedResult: ['int', 'uintptr_t', 'void *', 'void *', 'int'],
  CancelIoEx: ['int', 'uintptr_t', 'void *'],
  CloseHandle: ['int', 'uintptr_t'],
  GetLastError: ['uint32'],
  CreateNamedPipeW: [
    'intptr_t',
    'str16',
    'uint32',
    'uint32',
    'uint32',
    'uint32',
    'uint32',
    'uint32',
    'void *',
  ],
  ConnectNamedPipe: ['int', 'uintptr_t', 'void *'],
  CreateFileW: ['intptr_t', 'str16', 'uint32', 'uint32', 'void *', 'uint32', 'uint32', 'intptr_t'],
  GetCurrentProcess: ['intptr_t'],
  DuplicateHandle: ['int', 'intptr_t', 'intptr_t', 'intptr_t', 'void *', 'uint32', 'int', 'uint32'],
  CreateJobObjectW: ['uintptr_t', 'void *', 'void *'],
  QueryInformationJobObject: ['int', 'uintptr_t', 'int', 'void *', 'uint32', 'void *'],
  SetInformationJobObject: ['int', 'uintptr_t', 'int', 'void *', 'uint32'],
  AssignProcessToJobObject: ['int', 'uintptr_t', 'uintptr_t'],
  TerminateJobObject: ['int', 'uintptr_t', 'uint32'],
  CreateProcessW: [
    'int',
    'str16',
    'void *',
    'void *',
    'void *',
    'int',
    'uint32',
    'void *',
    'str16',
    'void *',
    'void *',
  ],
  InitializeProcThreadAttributeList: ['int', 'void *', 'uint32', 'uint32', 'void *'],
  UpdateProcThreadAttribute: [
    'int',
    'void *',
    'uint32',
    'uintptr_t',
    'void *',
    'uintptr_t',
    'void *',
    'void *',
  ],
  DeleteProcThreadAttributeList: ['void', 'void *'],
  ResumeThread: ['uint32', 'uintptr_t'],
  TerminateProcess: ['int', 'uintptr_t', 'uint32'],
  GetExitCodeProcess: ['int', 'uintptr_t', 'void *'],
  RegisterWaitForSingleObject: ['int', 'void *', 'uintptr_t', 'void *', 'uintptr_t', 'uint32', 'uint32'],
  UnregisterWait: ['int', 'uintptr_t'],
  CreatePseudoConsole: ['int32', 'uint32', 'uintptr_t', 'uintptr_t', 'uint32', 'void *'],
  ResizePseudoConsole: ['int32', 'uintptr_t', 'uint32'],
  ClosePseudoConsole: ['void', 'uintptr_t'],
} as const;

export type Kernel32 = Readonly<Record<keyof typeof signatures, NativeFunction>>;

/** INVALID_HANDLE_VALUE as a signed number. */
export const INVALID_HANDLE = -1;

const bound: Partial<Record<keyof typeof signatures, NativeFunction>> = {};
let library: ReturnType<ReturnType<typeof koffi>['load']> | undefined;

const bind = (name: keyof typeof signatures): NativeFunction => {
  if (process.platform !== 'win32')
    throw new RxshimError('unavailable', `this needs Windows, not ${process.platform}`);
  const [result, ...parameters] = signatures[name];
  library ??= koffi().load('kernel32.dll');
  return library.func('__stdcall', name, result, parameters);
};

/** Bound one by one, so that a function missing on an older Windows affects only its callers. */
export const kernel32: Kernel32 = new Proxy({} as Kernel32, {
  get: (_, name: keyof typeof signatures) => (bound[name] ??= bind(name)),
});
