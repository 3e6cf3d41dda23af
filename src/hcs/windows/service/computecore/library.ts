/**
 * The functions and callbacks of computecore.dll that are used.
 */
import type { NotificationKind } from '../notifications.js';

/** Each function with the types of its result and parameters. */
export const computecoreFunctions = {
  HcsCreateOperation: ['uintptr_t', 'uintptr_t', 'void *'],
  HcsCloseOperation: ['void', 'uintptr_t'],
  HcsGetOperationResult: ['int32', 'uintptr_t', 'void *'],
  HcsGetOperationResultAndProcessInfo: ['int32', 'uintptr_t', 'void *', 'void *'],
  HcsEnumerateComputeSystems: ['int32', 'str16', 'uintptr_t'],
  HcsCreateComputeSystem: ['int32', 'str16', 'str16', 'uintptr_t', 'void *', 'void *'],
  HcsOpenComputeSystem: ['int32', 'str16', 'uint32', 'void *'],
  HcsCloseComputeSystem: ['void', 'uintptr_t'],
  HcsStartComputeSystem: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsShutDownComputeSystem: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsTerminateComputeSystem: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsGetComputeSystemProperties: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsSetComputeSystemCallback: ['int32', 'uintptr_t', 'uint32', 'uintptr_t', 'void *'],
  HcsCreateProcess: ['int32', 'uintptr_t', 'str16', 'uintptr_t', 'void *', 'void *'],
  HcsOpenProcess: ['int32', 'uintptr_t', 'uint32', 'uint32', 'void *'],
  HcsCloseProcess: ['void', 'uintptr_t'],
  HcsTerminateProcess: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsSignalProcess: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsGetProcessInfo: ['int32', 'uintptr_t', 'uintptr_t'],
  HcsModifyProcess: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsSetProcessCallback: ['int32', 'uintptr_t', 'uint32', 'uintptr_t', 'void *'],
} as const;

/** The parameters of the two callbacks: event and context; operation and context. */
export const computecoreEvent = ['void *', 'uintptr_t'] as const;
export const computecoreCompletion = ['uintptr_t', 'uintptr_t'] as const;

/** The events that matter here, by their numbers. */
export const computecoreEvents: ReadonlyMap<number, NotificationKind> = new Map([
  [0x1, 'systemExited'],
  [0x10000, 'processExited'],
  [0x2000000, 'serviceDisconnect'],
]);
