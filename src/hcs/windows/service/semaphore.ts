/**
 * A semaphore for native calls.
 *
 * The calls run on the four threads of libuv's pool, which Node also uses to read files. A service that hangs would
 * block all of them and with them the whole program, so the number of calls is limited. Signals, some of which return
 * only when their target has exited, have a lower limit: a call that ends a process always finds a thread.
 */

/** Starts `work` when a slot is free. `work` calls back to release the slot. */
export type Semaphore = (work: (done: () => void) => void) => void;

export const semaphore = (limit: number, parent: Semaphore = (work) => work(() => undefined)): Semaphore => {
  const waiting: ((done: () => void) => void)[] = [];
  let running = 0;

  const next = (): void => {
    const work = running < limit ? waiting.shift() : undefined;
    if (work === undefined) return;
    running += 1;
    parent((done) =>
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
