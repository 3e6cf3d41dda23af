/**
 * The functions and callbacks of vmcompute.dll that are used.
 */
import type { NotificationKind } from '../notifications.js';

/** Each function with the types of its result and parameters. */
export const vmcomputeFunctions = {
  HcsEnumerateComputeSystems: ['int32', 'str16', 'void *', 'void *'],
  HcsCreateComputeSystem: ['int32', 'str16', 'str16', 'uintptr_t', 'void *', 'void *'],
  HcsOpenComputeSystem: ['int32', 'str16', 'void *', 'void *'],
  HcsCloseComputeSystem: ['int32', 'uintptr_t'],
  HcsStartComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsShutdownComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsTerminateComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsGetComputeSystemProperties: ['int32', 'uintptr_t', 'str16', 'void *', 'void *'],
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

/** The parameters of the callback: type, context, status, data. */
export const vmcomputeCallback = ['uint32', 'uintptr_t', 'int32', 'str16'] as const;

/** The events that matter here, by their numbers. */
export const vmcomputeEvents: ReadonlyMap<number, NotificationKind> = new Map([
  [0x1, 'systemExited'],
  [0x2, 'created'],
  [0x3, 'started'],
  [0x10000, 'processExited'],
  [0x1000000, 'serviceDisconnect'],
]);
