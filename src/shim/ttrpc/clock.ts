/**
 * Time as ttrpc and the shim need it: what time it is, and a timer of any length.
 *
 * This is the only module of the shim that touches the timers of Node; the daemon runs on a scheduler (see `schedulerClock`),
 * so that hours of its life can be simulated. A lint rule enforces it.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `expired` once after `milliseconds`, unless the function that it returns is called before. */
  after(milliseconds: number, expired: () => void): () => void;
}

/** A longer timer fires at once, in Node as in RxJS. */
const maxDelay = 2 ** 31 - 1;

/** A timer of any length, made of timers of at most `maxDelay`. `arm` starts one of these and returns how to stop it. */
export const longTimer = (
  milliseconds: number,
  expired: () => void,
  arm: (milliseconds: number, expired: () => void) => () => void,
): (() => void) => {
  let left = Math.max(0, milliseconds);
  let stop: () => void;
  const next = (): void => {
    const delay = Math.min(left, maxDelay);
    left -= delay;
    stop = arm(delay, left > 0 ? next : expired);
  };
  next();
  return () => stop();
};

/** The clock and the timers of Node. A timer alone does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, expired) =>
    longTimer(milliseconds, expired, (delay, fire) => {
      const timer = setTimeout(fire, delay);
      timer.unref();
      return () => clearTimeout(timer);
    }),
};
