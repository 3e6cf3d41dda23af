/**
 * Errors without a handler: rxjs reports them by a timer to its `onUnhandledError`. They fail all running tests, since
 * it is unknown which one they belong to.
 */
import { config } from 'rxjs';

const handlers = new Set<(error: unknown) => void>();
let previous: typeof config.onUnhandledError = null;

const reportToAll = (error: unknown): void => {
  for (const fail of handlers) fail(error);
};

/** Calls back for such errors until the returned function is called. */
export const onUnhandled = (fail: (error: unknown) => void): (() => void) => {
  if (handlers.size === 0) {
    previous = config.onUnhandledError;
    config.onUnhandledError = reportToAll;
  }
  handlers.add(fail);
  return () => {
    handlers.delete(fail);
    if (handlers.size === 0) config.onUnhandledError = previous;
  };
};
