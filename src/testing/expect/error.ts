/**
 * The error of a failed expectation. Any runner shows its message and where it was declared.
 */

export class ExpectationError extends Error {
  override readonly name = 'ExpectationError';
  readonly expected: unknown;
  readonly actual: unknown;

  /** @param frames of the stack where it was declared, from `framesOfCaller`. Default: where the error is created. */
  constructor(message: string, expected: unknown, actual: unknown, frames?: string) {
    super(message);
    this.expected = expected;
    this.actual = actual;
    if (frames !== undefined) this.stack = `${this.name}: ${message}\n${frames}`;
  }
}

/** How the expected and the actual differ. */
export interface Difference {
  readonly message: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The stack frames from the caller of `said` on: those of the test itself. */
export const framesOfCaller = (said: (...given: never[]) => unknown): string => {
  const place = { stack: '' };
  Error.captureStackTrace(place, said);
  return place.stack.replace(/^.*\n/, '');
};

/** One error for all failed expectations. */
export const allOf = (errors: readonly ExpectationError[]): ExpectationError => {
  const [first] = errors as readonly [ExpectationError];
  if (errors.length === 1) return first;
  const { expected, actual } = first;
  const message = `${errors.length} expectations failed\n\n${listed(errors)}`;
  return new ExpectationError(message, expected, actual, framesOf(first));
};

/**
 * The error of the test function, followed by the expectations that have failed until then. It keeps its class; runners
 * show its message and stack.
 */
export const withExpectations = (
  error: unknown,
  errors: readonly ExpectationError[],
  at: number,
): unknown => {
  if (errors.length === 0) return error;
  const failures = `When the test failed, at ${at} ms, these expectations were not met:\n\n${listed(errors)}`;
  if (!(error instanceof Error) || Object.isFrozen(error)) {
    const wrapped = new ExpectationError(
      `the test failed: ${String(error)}\n\n${failures}`,
      undefined,
      undefined,
    );
    wrapped.cause = error;
    return wrapped;
  }
  const { message, stack } = error;
  const longer = `${message}\n\n${failures}`;
  error.message = longer;
  if (stack !== undefined) error.stack = stack.replace(message, () => longer);
  return error;
};

const listed = (errors: readonly ExpectationError[]): string =>
  errors.map((error) => `${error.message}\n  declared at ${placeOf(error)}`).join('\n\n');

/** File and line of the first frame. */
const placeOf = (error: ExpectationError): string =>
  /^\s*at (?:.*\((.*)\)|(.*))$/
    .exec(framesOf(error).split('\n')[0] ?? '')
    ?.slice(1)
    .find(Boolean) ?? 'nowhere';

const framesOf = ({ name, message, stack = '' }: ExpectationError): string =>
  stack.slice(`${name}: ${message}\n`.length);
