/**
 * The one error type of rxshim.
 *
 * Every failure that reaches a caller is an `RxshimError` whose `kind` is a class of containerd's errdefs, so that a
 * door (ttrpc, command line) maps it without reading its text. The message ends in containerd's own text for the
 * class: its clients look for that. Failures of engines travel unchanged as `cause` or as themselves.
 */

/** The classes of containerd's errdefs that rxshim uses. */
export type ErrorKind =
  | 'notFound'
  | 'alreadyExists'
  | 'failedPrecondition'
  | 'invalidArgument'
  | 'permissionDenied'
  | 'unavailable'
  | 'notImplemented'
  /** Output is not all there: data loss, in containerd's words. */
  | 'truncated'
  | 'unknown';

const classText: Record<ErrorKind, string> = {
  notFound: 'not found',
  alreadyExists: 'already exists',
  failedPrecondition: 'failed precondition',
  invalidArgument: 'invalid argument',
  permissionDenied: 'permission denied',
  unavailable: 'unavailable',
  notImplemented: 'not implemented',
  truncated: 'data loss',
  unknown: 'unknown',
};

/** What a bad input was: the option that held it, and the value as it was given. */
export interface Culprit {
  readonly field: string;
  readonly value: unknown;
}

export class RxshimError extends Error {
  override readonly name: string = 'RxshimError';
  readonly kind: ErrorKind;
  /** The option or argument at fault, for errors of kind `invalidArgument`. */
  readonly field: string | undefined;
  readonly value: unknown;
  /** The exit status that a shell would give for this failure: 127 for no such executable, 126 for one that is not. */
  readonly exitStatus: number | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    details: { cause?: unknown; culprit?: Culprit; exitStatus?: number } = {},
  ) {
    super(`${message}: ${classText[kind]}`, 'cause' in details ? { cause: details.cause } : undefined);
    this.kind = kind;
    this.field = details.culprit?.field;
    this.value = details.culprit?.value;
    this.exitStatus = details.exitStatus;
  }
}

/**
 * An error that says which option was wrong, what it held, and what would have been right.
 *
 * @example invalid('stopTimeout', '5 parsecs', 'a duration such as 10s or 500ms')
 */
export const invalid = (field: string, value: unknown, expected: string, cause?: unknown): RxshimError =>
  new RxshimError('invalidArgument', `${field}: expected ${expected}, got ${show(value)}`, {
    culprit: { field, value },
    ...(cause === undefined ? {} : { cause }),
  });

/** The class of any error: `unknown` for what rxshim did not make itself. */
export const kindOf = (error: unknown): ErrorKind => (error instanceof RxshimError ? error.kind : 'unknown');

/** The text of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const show = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? (value.length === 0 ? 'an empty array' : 'an array') : 'an object';
  return String(value);
};
