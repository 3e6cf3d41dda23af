/**
 * Errors that nobody takes: rxjs reports them by a timer, to whoever has set its `onUnhandledError`. While stories are
 * told, they fail these; whose error it was nobody can tell, so it fails all that are being told.
 */
import { config } from 'rxjs';

const stories = new Set<(error: unknown) => void>();
let usual: typeof config.onUnhandledError = null;

const tellAll = (error: unknown): void => {
  for (const fail of stories) fail(error);
};

/** Hears of such errors until what it returns is called. */
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
