/** Runs a scenario of the daemon to its end and asks whether everything held. */
import type { Violation } from '../subject.js';
import { daemonInvariants } from './invariants.js';
import type { DaemonScenario } from './scenario.js';
import { runWorld } from './world.js';
import { readWorld, type WorldLog } from './world-log.js';

export interface DaemonVerdict {
  readonly log: WorldLog;
  readonly violation: Violation | undefined;
}

export const runScenario = async (scenario: DaemonScenario): Promise<DaemonVerdict> => {
  const log = readWorld(await runWorld(scenario));
  for (const { sentence, broken } of daemonInvariants) {
    const what = broken(log);
    if (what !== undefined) return { log, violation: { sentence, what } };
  }
  return { log, violation: undefined };
};
