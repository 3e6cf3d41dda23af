/** All that a story expects: said while it is told, held against what was when it is over. */
import { RxshimError } from '../hcs/failures/errors.js';
import { type Difference, ExpectationError, sayingIt } from './expectation-error.js';

/** Reads what is expected, and looks later whether it is so. */
export type Prepare<A extends readonly unknown[]> = (...expected: A) => () => Difference | undefined;

export interface Expectations {
  /**
   * An expectation, to be said by `toBe`.
   *
   * @param what it is called, for one that says nothing.
   * @param by the function of the stage that the test has called.
   */
  expect<A extends readonly unknown[]>(
    what: string,
    by: (...given: never[]) => unknown,
    prepare: Prepare<A>,
  ): { toBe(...expected: A): void };
  /**
   * What does not hold. Nothing more can be said then.
   *
   * @param whole the story was told to its end: what says nothing by then is a mistake.
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
  const requireStory = (what: string): void => {
    if (over) throw new RxshimError('failedPrecondition', `${what} came when the story was over`);
  };
  return {
    expect: <A extends readonly unknown[]>(
      what: string,
      by: (...given: never[]) => unknown,
      prepare: Prepare<A>,
    ) => {
      requireStory(what);
      const mine: Said = { what, frames: sayingIt(by), checks: [] };
      all.push(mine);
      const toBe = (...expected: A): void => {
        requireStory(`${what}.toBe`);
        const check = prepare(...expected);
        const frames = sayingIt(toBe);
        mine.checks.push(() => errorFrom(check(), frames));
      };
      return { toBe };
    },
    close: (whole) => {
      over = true;
      return all.flatMap(({ what, frames, checks }) => {
        if (whole && checks.length === 0)
          return new ExpectationError(`${what} says nothing without toBe`, undefined, undefined, frames);
        return checks.flatMap((check) => check() ?? []);
      });
    },
  };
};

const errorFrom = (difference: Difference | undefined, frames: string): ExpectationError | undefined =>
  difference && new ExpectationError(difference.message, difference.expected, difference.actual, frames);
