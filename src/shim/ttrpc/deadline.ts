/** Time limits of any length. They keep no process alive: the connection they belong to does. */

/** Longer than that, setTimeout fires at once. */
const longest = 2 ** 31 - 1;

/** Calls `expired` once after `milliseconds`, unless the function that it answers with is called before. */
export const after = (milliseconds: number, expired: () => void): (() => void) => {
  const end = performance.now() + milliseconds;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const left = Math.max(0, end - performance.now());
    timer = left > longest ? setTimeout(arm, longest) : setTimeout(expired, left);
    timer.unref();
  };
  arm();
  return () => clearTimeout(timer);
};
