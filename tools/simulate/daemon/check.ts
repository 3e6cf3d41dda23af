/** Runs a scenario of the daemon to its end and asks whether everything held. */
import type { Violation } from '../subject.js';
import { daemonInvariants } from './invariants.js';
import type { DaemonScenario } from './scenario.js';
import { type DaemonTelling, tellDaemon } from './told.js';
import { runWorld } from './world.js';

export interface DaemonVerdict {
  readonly told: DaemonTelling;
  readonly violation: Violation | undefined;
}

export const runScenario = async (scenario: DaemonScenario): Promise<DaemonVerdict> => {
  const told = tellDaemon(await runWorld(scenario));
  for (const { sentence, broken } of daemonInvariants) {
    const what = broken(told);
    if (what !== undefined) return { told, violation: { sentence, what } };
  }
  return { told, violation: undefined };
};
