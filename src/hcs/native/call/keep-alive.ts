/** Keeps Node running while a native thread may still call back, which Node does not know of. */

let waits = 0;
let timer: NodeJS.Timeout | undefined;
// The longest interval of a timer. Its callback does nothing.
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
