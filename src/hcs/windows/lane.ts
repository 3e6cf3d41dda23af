/**
 * How many native calls may be under way at a time.
 *
 * They run on the four threads that Node also reads files with. A service that hangs would take them all, and the whole
 * program with them; so there is a bound, and signals, of which some are answered only when their target is dead, have
 * a narrower one: what ends a process always finds a thread.
 */

/** Begins `work` when there is room; `work` calls back when its room is free again. */
export type Lane = (work: (done: () => void) => void) => void;

export const lane = (width: number, through: Lane = (work) => work(() => undefined)): Lane => {
  const waiting: ((done: () => void) => void)[] = [];
  let running = 0;

  const next = (): void => {
    const work = running < width ? waiting.shift() : undefined;
    if (work === undefined) return;
    running += 1;
    through((done) =>
      work(() => {
        running -= 1;
        done();
        next();
      }),
    );
  };

  return (work) => {
    waiting.push(work);
    next();
  };
};
