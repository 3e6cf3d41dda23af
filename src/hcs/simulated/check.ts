/**
 * Checks of what a test says: a mistake in a script is told where it is made, not by a life that is another than
 * expected. Each error names the field and its value.
 */
import { invalid } from '../failures/errors.js';

/** @throws RxshimError `invalidArgument` for anything but an object, and for an option that there is not. */
export const requireOptions = (field: string, value: unknown, names: readonly string[]): void => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(field, value, `an object with ${names.join(', ')}`);
  for (const [name, given] of Object.entries(value)) {
    if (!names.includes(name))
      throw invalid(`${field}.${name}`, given, `one of ${names.join(', ')} as a name`);
  }
};

/** @throws RxshimError `invalidArgument` unless it has these methods; `what` says it in words. */
export const requireMethods = (
  field: string,
  value: unknown,
  what: string,
  ...methods: readonly string[]
): void => {
  const given = value as Record<string, unknown> | null | undefined;
  if (!methods.every((method) => typeof given?.[method] === 'function')) throw invalid(field, value, what);
};
