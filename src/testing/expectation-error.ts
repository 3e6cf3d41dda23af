/** What an expectation that does not hold throws. Any runner shows its message, and where it was said. */

export class ExpectationError extends Error {
  override readonly name = 'ExpectationError';
  readonly expected: unknown;
  readonly actual: unknown;

  /** @param frames of the stack where it was said, from `sayingIt`. Default: where the error is made. */
  constructor(message: string, expected: unknown, actual: unknown, frames?: string) {
    super(message);
    this.expected = expected;
    this.actual = actual;
    if (frames !== undefined) this.stack = `${this.name}: ${message}\n${frames}`;
  }
}

/** How an expectation and what was differ. */
export interface Difference {
  readonly message: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The frames of the stack from the caller of `said` on: those of the test itself. */
export const sayingIt = (said: (...given: never[]) => unknown): string => {
  const place = { stack: '' };
  Error.captureStackTrace(place, said);
  return place.stack.replace(/^.*\n/, '');
};

/** One error for all that does not hold. */
export const allOf = (errors: readonly ExpectationError[]): ExpectationError => {
  const [first] = errors as readonly [ExpectationError];
  if (errors.length === 1) return first;
  const { expected, actual } = first;
  const message = `${errors.length} expectations do not hold\n\n${listed(errors)}`;
  return new ExpectationError(message, expected, actual, framesOf(first));
};

/**
 * What the story itself failed with, and below it what was expected until then and does not hold. It stays the error
 * that it was, for whoever looks at its class; runners show message and stack.
 */
export const withExpectations = (
  error: unknown,
  errors: readonly ExpectationError[],
  at: number,
): unknown => {
  if (errors.length === 0) return error;
  const told = `When the story failed, at ${at} ms, this was not as expected:\n\n${listed(errors)}`;
  if (!(error instanceof Error) || Object.isFrozen(error)) {
    const wrapped = new ExpectationError(
      `the story failed: ${String(error)}\n\n${told}`,
      undefined,
      undefined,
    );
    wrapped.cause = error;
    return wrapped;
  }
  const { message, stack } = error;
  const longer = `${message}\n\n${told}`;
  error.message = longer;
  if (stack !== undefined) error.stack = stack.replace(message, () => longer);
  return error;
};

const listed = (errors: readonly ExpectationError[]): string =>
  errors.map((error) => `${error.message}\n  said at ${placeOf(error)}`).join('\n\n');

/** File and line, of the first frame. */
const placeOf = (error: ExpectationError): string =>
  /^\s*at (?:.*\((.*)\)|(.*))$/
    .exec(framesOf(error).split('\n')[0] ?? '')
    ?.slice(1)
    .find(Boolean) ?? 'nowhere';

const framesOf = ({ name, message, stack = '' }: ExpectationError): string =>
  stack.slice(`${name}: ${message}\n`.length);
