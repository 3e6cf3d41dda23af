/** The rules that hold for every orchestrator, and what breaks them. */

/** A violated invariant, as a sentence that stays the same when the run is made smaller, and the details. */
export interface Violation {
  readonly sentence: string;
  readonly details: string;
}

export const rules = {
  running: 'nothing that it started runs after its end',
  execs: 'each exec is deleted after its end',
  systems: 'each container that it created is deleted after its end',
  settles: 'it ends after its abortSignal was aborted',
  ends: 'it ends within the time that is allowed',
  unhandled: 'each error is handled',
  time: 'it lets time pass',
  invariant: 'its own invariant holds',
} as const;
