/** How much of a soak is left, and its early end: by Ctrl-C, or since something is broken beyond use. */
import { setMaxListeners } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds; nothing after an early end. */
  left(): number;
  elapsed(): number;
  /** Resolves after so many milliseconds, or at an early end. */
  sleep(milliseconds: number): Promise<void>;
  readonly stopped: AbortSignal;
  stop(): void;
}

export const clockOf = (length: number): Clock => {
  const began = performance.now();
  const controller = new AbortController();
  const { signal: stopped } = controller;
  // Every process of the soak may listen.
  setMaxListeners(0, stopped);
  const elapsed = (): number => performance.now() - began;
  return {
    left: () => (stopped.aborted ? 0 : Math.max(0, length - elapsed())),
    elapsed,
    sleep: (milliseconds) => after(milliseconds, undefined, { signal: stopped }).catch(() => undefined),
    stopped,
    stop: () => controller.abort(),
  };
};
