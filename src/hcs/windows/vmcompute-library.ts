/** What vmcompute.dll exports, as far as it is used, and what it tells by callback. */
import type { NoticeKind } from './notices.js';

/** The functions that are used, with the types of their results and parameters. */
export const vmcomputeFunctions = {
  HcsEnumerateComputeSystems: ['int32', 'str16', 'void *', 'void *'],
  HcsCreateComputeSystem: ['int32', 'str16', 'str16', 'uintptr_t', 'void *', 'void *'],
  HcsOpenComputeSystem: ['int32', 'str16', 'void *', 'void *'],
  HcsCloseComputeSystem: ['int32', 'uintptr_t'],
  HcsStartComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsShutdownComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsTerminateComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsGetComputeSystemProperties: ['int32', 'uintptr_t', 'str16', 'void *', 'void *'],
  HcsModifyComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsRegisterComputeSystemCallback: ['int32', 'uintptr_t', 'void *', 'uintptr_t', 'void *'],
  HcsUnregisterComputeSystemCallback: ['int32', 'uintptr_t'],
  HcsCreateProcess: ['int32', 'uintptr_t', 'str16', 'void *', 'void *', 'void *'],
  HcsOpenProcess: ['int32', 'uintptr_t', 'uint32', 'void *', 'void *'],
  HcsCloseProcess: ['int32', 'uintptr_t'],
  HcsTerminateProcess: ['int32', 'uintptr_t', 'void *'],
  HcsSignalProcess: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsGetProcessProperties: ['int32', 'uintptr_t', 'void *', 'void *'],
  HcsModifyProcess: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsRegisterProcessCallback: ['int32', 'uintptr_t', 'void *', 'uintptr_t', 'void *'],
  HcsUnregisterProcessCallback: ['int32', 'uintptr_t'],
} as const;

/** Of its callback: type, context, status, data. */
export const vmcomputeCallback = ['uint32', 'uintptr_t', 'int32', 'str16'] as const;

/** The notices that mean something here, by the numbers that this library gives them. */
export const vmcomputeNotices: ReadonlyMap<number, NoticeKind> = new Map([
  [0x1, 'systemExited'],
  [0x2, 'created'],
  [0x3, 'started'],
  [0x10000, 'processExited'],
  [0x1000000, 'serviceDisconnect'],
]);
