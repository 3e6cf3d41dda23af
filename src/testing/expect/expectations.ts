/**
 * The expectations of a test: declared while it runs, and checked when it is over.
 */
import { RxshimError } from '../../hcs/failures/errors.js';
import { type Difference, ExpectationError, framesOfCaller } from './error.js';

/** Parses the expected value, and returns the check to make later. */
export type Prepare<A extends readonly unknown[]> = (...expected: A) => () => Difference | undefined;

export interface Expectations {
  /**
   * An expectation, completed by `toBe`.
   *
   * @param what its name, for one without `toBe`.
   * @param by the function that the test has called.
   */
  expect<A extends readonly unknown[]>(
    what: string,
    by: (...given: never[]) => unknown,
    prepare: Prepare<A>,
  ): { toBe(...expected: A): void };
  /**
   * The failed expectations. No others can be declared afterwards.
   *
   * @param whole whether the test ran to its end: an expectation without `toBe` is a mistake then.
   */
  close(whole: boolean): readonly ExpectationError[];
}

interface Said {
  readonly what: string;
  readonly frames: string;
  checks: (() => ExpectationError | undefined)[];
}

export const expectations = (): Expectations => {
  const all: Said[] = [];
  let over = false;
  const requireRunning = (what: string): void => {
    if (over) throw new RxshimError('failedPrecondition', `${what} was called after the end of the test`);
  };
  return {
    expect: <A extends readonly unknown[]>(
      what: string,
      by: (...given: never[]) => unknown,
      prepare: Prepare<A>,
    ) => {
      requireRunning(what);
      const mine: Said = { what, frames: framesOfCaller(by), checks: [] };
      all.push(mine);
      const toBe = (...expected: A): void => {
        requireRunning(`${what}.toBe`);
        const check = prepare(...expected);
        const frames = framesOfCaller(toBe);
        mine.checks.push(() => errorFrom(check(), frames));
      };
      return { toBe };
    },
    close: (whole) => {
      over = true;
      return all.flatMap(({ what, frames, checks }) => {
        if (whole && checks.length === 0)
          return new ExpectationError(`${what} has no effect without toBe`, undefined, undefined, frames);
        return checks.flatMap((check) => check() ?? []);
      });
    },
  };
};

const errorFrom = (difference: Difference | undefined, frames: string): ExpectationError | undefined =>
  difference && new ExpectationError(difference.message, difference.expected, difference.actual, frames);
