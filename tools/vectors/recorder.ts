/**
 * Keeps what the fakes saw, step by step, and knows when everything has come to rest.
 */
import type { Call } from './vector.js';

export interface Recorder {
  record(call: Call): void;
  /** Something moved that is no call: bytes. */
  stir(): void;
  /** What was recorded since the last time. */
  take(): readonly Call[];
  /** Waits until nothing happens any more. Bytes move by promises alone, so turns of the event loop tell. */
  atRest(): Promise<void>;
}

// One turn drains every promise that is ready; the second tells that nothing came of it.
const quietTurns = 2;
const maxTurns = 1_000;

/** @param pass lets one turn of the world go by. */
export const recorder = (pass: () => Promise<unknown>): Recorder => {
  let calls: Call[] = [];
  let stirred = 0;
  return {
    record: (call) => {
      stirred += 1;
      calls.push(call);
    },
    stir: () => {
      stirred += 1;
    },
    take: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
    atRest: async () => {
      let quiet = 0;
      for (let turn = 0; quiet < quietTurns; turn += 1) {
        if (turn === maxTurns) throw new Error(`not at rest after ${maxTurns} turns of the event loop`);
        const before = stirred;
        await pass();
        quiet = stirred === before ? quiet + 1 : 0;
      }
    },
  };
};
