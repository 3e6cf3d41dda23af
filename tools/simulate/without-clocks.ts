/**
 * The engine has no clock but its scheduler. Whatever asks the real one, in a world where time is simulated, is caught;
 * most of all rxjs, which throws from a timer what nobody takes, and would have ended the process by that.
 */
import type { Entry } from './trace.js';

/** Does `what`, which does not wait, and records what it asked of the real clock. */
export const withoutClocks = <T>(record: (entry: Entry) => void, what: () => T): T => {
  const real = globalThis.setTimeout;
  const caught = (act: () => void): void => {
    let stream = 'a real clock was asked';
    try {
      act();
    } catch (error) {
      stream = `nobody took an error: ${error instanceof Error ? error.message : error}`;
    }
    record({ at: 0, exec: '', is: 'broken', stream });
  };
  globalThis.setTimeout = caught as unknown as typeof setTimeout;
  try {
    return what();
  } finally {
    globalThis.setTimeout = real;
  }
};
