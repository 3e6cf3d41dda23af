/** `--timeout`: the command is stopped with its tree when its time is up. */
import type { Task } from '../../index.js';
import type { RunSettings } from '../options/run-settings.js';

/** How the program ends then, as timeout(1) does. */
export const timeoutCode = 124;

/** Starts the timeout. The returned function ends it, and returns whether it has stopped the command. */
export const stopAfter = (
  task: Task,
  { timeout, grace, stopSignal }: Pick<RunSettings, 'timeout' | 'grace' | 'stopSignal'>,
  warn: (line: string) => void,
): (() => boolean) => {
  if (timeout === undefined) return () => false;
  let stopped = false;
  const timer = setTimeout(() => {
    stopped = true;
    warn(`timed out after ${timeout} ms`);
    task.stop({ grace, ...(stopSignal !== undefined && { signal: stopSignal }) }).subscribe({
      next: ({ by }) => {
        stopped = by !== 'itself';
      },
      error: () => undefined,
    });
  }, timeout);
  return () => {
    clearTimeout(timer);
    return stopped;
  };
};
