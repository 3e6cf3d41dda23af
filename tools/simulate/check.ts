/** Runs a scenario to its end and asks whether everything held. */
import { type Invariant, invariants } from './invariants.js';
import { type Run, type RunLog, readRun } from './run-log.js';
import type { Scenario } from './scenario.js';
import type { Violation } from './subject.js';
import { makeWorld, type World } from './world.js';

export interface Verdict {
  readonly log: RunLog;
  readonly violation: Violation | undefined;
}

/** @param isChecked chooses among the invariants. Default: all. */
export const verdictOn = (run: Run, isChecked: (invariant: Invariant) => boolean = () => true): Verdict => {
  const log = readRun(run);
  for (const { sentence, broken } of invariants.filter(isChecked)) {
    const what = broken(log);
    if (what !== undefined) return { log, violation: { sentence, what } };
  }
  return { log, violation: undefined };
};

/** Worlds without bytes have no promises, and are run without waiting for any. */
export const runScenario = (scenario: Scenario): Verdict | Promise<Verdict> => {
  const world = makeWorld(scenario);
  if (scenario.bytes) return withPromises(world);
  world.run();
  return verdictOn(world.recorded());
};

const withPromises = async (world: World): Promise<Verdict> => {
  do await promisesDone();
  while (world.step());
  return verdictOn(world.recorded());
};

/** A turn of the event loop: whatever promises bring about among themselves is done after it. */
const promisesDone = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
