/**
 * The error type of rxshim.
 *
 * Every failure that reaches a caller is an `RxshimError` whose `kind` is a class of containerd's errdefs, so an entry
 * point (ttrpc, command line) maps it without parsing its text. The message ends in containerd's own text for the
 * class, which its clients look for. Failures of engines are kept unchanged as `cause` or passed on as they are.
 */

/** The classes of containerd's errdefs that rxshim uses. */
export type ErrorKind =
  | 'notFound'
  | 'alreadyExists'
  | 'failedPrecondition'
  | 'invalidArgument'
  | 'permissionDenied'
  | 'unavailable'
  /** Such as a full disk of a daemon. */
  | 'resourceExhausted'
  | 'notImplemented'
  /** Output is incomplete: containerd's "data loss". */
  | 'truncated'
  | 'unknown';

const classText: Record<ErrorKind, string> = {
  notFound: 'not found',
  alreadyExists: 'already exists',
  failedPrecondition: 'failed precondition',
  invalidArgument: 'invalid argument',
  permissionDenied: 'permission denied',
  unavailable: 'unavailable',
  resourceExhausted: 'resource exhausted',
  notImplemented: 'not implemented',
  truncated: 'data loss',
  unknown: 'unknown',
};

/** An invalid input: the name of the option and its value. */
export interface InvalidInput {
  readonly field: string;
  readonly value: unknown;
}

/** The one error type of rxshim. Its `kind` is a class of containerd's errdefs; bad input names `field` and `value`. */
export class RxshimError extends Error {
  override readonly name: string = 'RxshimError';
  readonly kind: ErrorKind;
  /** The invalid option or argument, for errors of kind `invalidArgument`. */
  readonly field: string | undefined;
  readonly value: unknown;
  /**
   * The exit status of a shell for this failure: 127 if the executable was not found, 126 if it cannot be executed.
   */
  readonly exitStatus: number | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    details: { cause?: unknown; invalid?: InvalidInput; exitStatus?: number } = {},
  ) {
    super(`${message}: ${classText[kind]}`, 'cause' in details ? { cause: details.cause } : undefined);
    this.kind = kind;
    this.field = details.invalid?.field;
    this.value = details.invalid?.value;
    this.exitStatus = details.exitStatus;
  }
}

/**
 * An error for an invalid option: its name, its value, and what was expected.
 *
 * @example invalid('stopTimeout', '5 parsecs', 'a duration such as 10s or 500ms')
 */
export const invalid = (field: string, value: unknown, expected: string, cause?: unknown): RxshimError =>
  new RxshimError('invalidArgument', `${field}: expected ${expected}, got ${show(value)}`, {
    invalid: { field, value },
    ...(cause === undefined ? {} : { cause }),
  });

/**
 * The same error as an outer function reports it: its field is named from the root of that function's options.
 *
 * @param path what stands before the field, such as `stdio.`
 */
export const atPath = (path: string, error: unknown): unknown => {
  if (!(error instanceof RxshimError) || error.field === undefined) return error;
  const { kind, field, value, exitStatus } = error;
  const text = error.message.slice(0, -`: ${classText[kind]}`.length);
  return new RxshimError(kind, text.startsWith(`${field}: `) ? `${path}${text}` : text, {
    invalid: { field: `${path}${field}`, value },
    ...('cause' in error && { cause: error.cause }),
    ...(exitStatus !== undefined && { exitStatus }),
  });
};

/** The kind of any error. `unknown` for an error that is not rxshim's. */
export const kindOf = (error: unknown): ErrorKind => (error instanceof RxshimError ? error.kind : 'unknown');

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const show = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? (value.length === 0 ? 'an empty array' : 'an array') : 'an object';
  return String(value);
};
