/**
 * Errors without a handler: rxjs reports them by a timer to its `onUnhandledError`. They fail all running tests, since
 * it is unknown which one they belong to.
 */
import { config } from 'rxjs';

const stories = new Set<(error: unknown) => void>();
let usual: typeof config.onUnhandledError = null;

const tellAll = (error: unknown): void => {
  for (const fail of stories) fail(error);
};

/** Calls back for such errors until the returned function is called. */
export const hearUnhandled = (fail: (error: unknown) => void): (() => void) => {
  if (stories.size === 0) {
    usual = config.onUnhandledError;
    config.onUnhandledError = tellAll;
  }
  stories.add(fail);
  return () => {
    stories.delete(fail);
    if (stories.size === 0) config.onUnhandledError = usual;
  };
};
