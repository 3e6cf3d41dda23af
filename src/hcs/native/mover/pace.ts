/**
 * Lets small pieces gather before they are moved.
 *
 * A program that writes line by line wakes its reader for each line, and a page that is moved with one line in it takes the
 * place of a full one. While such lines come faster than they can be moved, a pause of a millisecond lets them fill pages. A
 * reader that waits for each answer is not paused: nothing is there when it is asked for the next.
 */

const STREAK = 4;

/** In milliseconds; a bigger pipe holds what comes in that time. */
export const PAUSE = 1;

export interface Pace {
  /** A piece was moved, and more may be there: whether to pause before that is looked at. */
  moved(length: number): boolean;
  /** Nothing was there. */
  idle(): void;
}

/** @param small less than so many bytes is not worth a wake-up. */
export const pace = (small: number): Pace => {
  let streak = 0;
  return {
    moved: (length) => {
      streak += 1;
      return length < small && streak > STREAK;
    },
    idle: () => {
      streak = 0;
    },
  };
};
