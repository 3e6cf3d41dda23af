/**
 * The engine has no clock but its scheduler. Whatever asks the real one, in a world where time is simulated, is caught;
 * most of all rxjs, which throws an unhandled error from a timer and would end the process.
 */
import type { Entry } from './trace.js';

type Record = (entry: Entry) => void;

/** Of the world that is running at this moment. */
let recording: Record | undefined;
let installed = false;

/** Does `what`, which does not wait, and records what it asked of the real clock. */
export const withoutClocks = <T>(record: Record, what: () => T): T => {
  if (!installed) install();
  recording = record;
  try {
    return what();
  } finally {
    recording = undefined;
  }
};

/** The same for what waits; nothing else may run meanwhile that needs a clock. */
export const withoutClocksUntil = async <T>(record: Record, what: () => Promise<T>): Promise<T> => {
  if (!installed) install();
  recording = record;
  try {
    return await what();
  } finally {
    recording = undefined;
  }
};

// Once and for all: to change a global for each world makes everything that V8 has compiled a quarter slower.
const install = (): void => {
  installed = true;
  const real = globalThis.setTimeout;
  const caught = (act: () => void, ...more: never[]): unknown =>
    recording === undefined ? real(act, ...more) : recordCall(recording, act);
  globalThis.setTimeout = Object.assign(caught, real) as typeof setTimeout;
};

const recordCall = (record: Record, act: () => void): void => {
  let stream = 'a real clock was asked';
  try {
    act();
  } catch (error) {
    stream = `unhandled error: ${error instanceof Error ? error.message : error}`;
  }
  record({ at: 0, exec: '', is: 'broken', stream });
};
