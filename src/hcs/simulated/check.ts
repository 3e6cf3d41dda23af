/**
 * Validates what a test declares. A mistake in a script is reported where it is made rather than by an unexpected life.
 * Each error names the field and its value.
 */
import { invalid } from '../failures/errors.js';

/** @throws RxshimError `invalidArgument` unless it is an object with only known options. */
export const requireOptions = (field: string, value: unknown, names: readonly string[]): void => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(field, value, `an object with ${names.join(', ')}`);
  for (const [name, given] of Object.entries(value)) {
    if (!names.includes(name))
      throw invalid(`${field}.${name}`, given, `one of ${names.join(', ')} as a name`);
  }
};

/** @throws RxshimError `invalidArgument` unless it has these methods; `what` describes them. */
export const requireMethods = (
  field: string,
  value: unknown,
  what: string,
  ...methods: readonly string[]
): void => {
  const given = value as Record<string, unknown> | null | undefined;
  if (!methods.every((method) => typeof given?.[method] === 'function')) throw invalid(field, value, what);
};
