/**
 * Checks at the JavaScript boundary, where a type is only a promise. Each error names the argument and its value.
 */
import { invalid } from '../hcs/failures/errors.js';

/** A signal is given by number or by name. The system's signal table decides whether it is accepted. */
export const requireSignal = (field: string, value: unknown): void => {
  if (typeof value !== 'number' && typeof value !== 'string') {
    throw invalid(field, value, 'a signal number, or a name such as SIGTERM');
  }
};

export const requireKillMode = (field: string, value: unknown): void => {
  if (value !== 'tree' && value !== 'leader') throw invalid(field, value, "'tree' or 'leader'");
};

export const requireUint32 = (field: string, value: unknown): void => {
  if (typeof value !== 'number' || value >>> 0 !== value) {
    throw invalid(field, value, 'a whole number from 0 to 4294967295');
  }
};

/** Ids become names of files and pipes elsewhere; containerd's own rule keeps them safe there. */
export const requireId = (field: string, value: unknown): void => {
  if (typeof value !== 'string' || value.length > 76 || !/^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/.test(value)) {
    throw invalid(
      field,
      value,
      'up to 76 letters and digits, separated by single dots, dashes or underscores',
    );
  }
};

export const requireObject = (field: string, value: unknown): void => {
  if (typeof value !== 'object' || value === null) throw invalid(field, value, 'an object');
};

/** Something with these methods; `what` says it in words. */
const requireMethods = (field: string, value: unknown, what: string, ...methods: readonly string[]): void => {
  const given = value as Record<string, unknown> | null | undefined;
  if (!methods.every((method) => typeof given?.[method] === 'function')) throw invalid(field, value, what);
};

export const requireFunction = (field: string, value: unknown): void => {
  if (typeof value !== 'function') throw invalid(field, value, 'a function');
};

/** The options of an exec or a task besides its identity. Absent ports have defaults. */
export const requirePorts = (ports: {
  readonly system?: unknown;
  readonly publish?: unknown;
  readonly startRelay?: unknown;
  readonly scheduler?: unknown;
}): void => {
  requireSystem('system', ports.system);
  if (ports.publish !== undefined) requireFunction('publish', ports.publish);
  if (ports.startRelay !== undefined) requireFunction('startRelay', ports.startRelay);
  if (ports.scheduler !== undefined)
    requireMethods('scheduler', ports.scheduler, 'a scheduler of rxjs', 'schedule', 'now');
};

export const requireUpstream = (field: string, value: unknown): void =>
  requireMethods(field, value, 'an open upstream', 'close', 'closeStdin');

export const requireAbortSignal = (field: string, value: unknown): void =>
  requireMethods(field, value, 'an AbortSignal', 'addEventListener', 'removeEventListener');

export const requireObservable = (field: string, value: unknown): void =>
  requireMethods(field, value, 'an Observable', 'subscribe');

export const requireSystem = (field: string, value: unknown): void => {
  requireMethods(field, value, 'a compute system, such as local()', 'createProcess');
};
