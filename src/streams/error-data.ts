/**
 * An error as plain data: what a fact or a state holds of it, so that both can be written down and read again.
 *
 * The original error object is kept with the data, for as long as the data itself is held: a subscriber gets the very
 * error that the engine gave. Data that was read from a snapshot has no original; an equal error is built from it.
 */
import { type ErrorKind, kindOf, messageOf, RxshimError } from '../hcs/failures/errors.js';

export interface ErrorData {
  /** The name of the error's class; empty for a value that is no error. */
  readonly name: string;
  readonly kind: ErrorKind;
  readonly message: string;
  /** The option at fault and the value that it held, for errors that name one. */
  readonly field?: string;
  readonly value?: unknown;
  readonly exitStatus?: number;
  /** The code of an engine's failure: an HRESULT, or a code of Node such as `ENOENT`. */
  readonly hresult?: number;
  readonly code?: string | number;
  /** The error's cause, or the members of an aggregate. */
  readonly causes?: readonly ErrorData[];
}

const originals = new WeakMap<ErrorData, { readonly error: unknown }>();

/** Causes deeper than this are left out: a chain may be a circle. */
const maxDepth = 8;

/** Describes anything that was thrown. */
export const errorData = (error: unknown, depth = 0): ErrorData => {
  const details: { -readonly [K in keyof ErrorData]?: ErrorData[K] } = {};
  if (error instanceof RxshimError) {
    if (error.field !== undefined) {
      details.field = error.field;
      if (error.value !== undefined) details.value = plain(error.value);
    }
    if (error.exitStatus !== undefined) details.exitStatus = error.exitStatus;
  }
  if (typeof error === 'object' && error !== null) {
    const { hresult, code, cause, errors } = error as Record<string, unknown>;
    if (typeof hresult === 'number') details.hresult = hresult;
    if (typeof code === 'number' || typeof code === 'string') details.code = code;
    const causes = [...(cause === undefined ? [] : [cause]), ...(Array.isArray(errors) ? errors : [])];
    if (causes.length > 0 && depth < maxDepth)
      details.causes = causes.map((behind) => errorData(behind, depth + 1));
  }
  const data: ErrorData = {
    name: error instanceof Error ? error.name : '',
    kind: kindOf(error),
    message: messageOf(error),
    ...details,
  };
  originals.set(data, { error });
  return data;
};

/** The original error, or one that is equal to it as far as the data says. */
export const errorFrom = (data: ErrorData): unknown => {
  const original = originals.get(data);
  return original === undefined ? rebuilt(data) : original.error;
};

const rebuilt = (data: ErrorData): Error => {
  const { name, kind, message, field, value, exitStatus, hresult, code, causes = [] } = data;
  const [cause] = causes.map(errorFrom);
  const behind = causes.length === 0 ? {} : { cause };
  const error =
    name === 'RxshimError'
      ? new RxshimError(kind, withoutClass(kind, message), {
          ...behind,
          ...(field === undefined ? {} : { invalid: { field, value } }),
          ...(exitStatus === undefined ? {} : { exitStatus }),
        })
      : Object.assign(new Error(message, behind), name === '' ? {} : { name });
  return Object.assign(error, hresult === undefined ? {} : { hresult }, code === undefined ? {} : { code });
};

/** The class adds its own text to the message. */
const withoutClass = (kind: ErrorKind, message: string): string => {
  const suffix = new RxshimError(kind, '').message;
  return message.endsWith(suffix) ? message.slice(0, -suffix.length) : message;
};

/** The part of a value that JSON can hold. */
const plain = (value: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch {
    return String(value);
  }
};
