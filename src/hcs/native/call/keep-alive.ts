/** Node ends when nothing is left to wait for, and knows nothing of what threads that are not its own will tell. */

let waits = 0;
let timer: NodeJS.Timeout | undefined;
// The longest that a timer can be set to; what it does is never of interest.
const longest = 0x7fffffff;

/** Keeps Node alive until the returned function is called. */
export const keepAlive = (): (() => void) => {
  waits += 1;
  timer ??= setInterval(() => undefined, longest);
  let over = false;
  return () => {
    if (over) return;
    over = true;
    waits -= 1;
    if (waits > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};
