/**
 * Checks at the JavaScript boundary, where a type is only a promise. Each error names the argument and its value.
 */
import { invalid } from '../hcs/errors.js';

/** A signal is told by number or by name. Whether the system takes it is for its table to say. */
export const requireSignal = (field: string, value: unknown): void => {
  if (typeof value !== 'number' && typeof value !== 'string') {
    throw invalid(field, value, 'a signal number, or a name such as SIGTERM');
  }
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

export const requireSystem = (field: string, value: unknown): void => {
  const system = value as { createProcess?: unknown } | null | undefined;
  if (typeof system?.createProcess !== 'function')
    throw invalid(field, value, 'a compute system, such as local()');
};
