/**
 * One world of the daemon: the production daemon, with its ttrpc server and its events, over simulated containers, a
 * simulated containerd and a simulated clock, through one scenario in two phases.
 *
 * First anything may go wrong. Then all faults end, containerd kills and deletes every container, and the daemon must
 * leave, with nothing left behind.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { randomFrom } from '../../../src/testing/simulate/random.js';
import { SimScheduler } from '../sim-scheduler.js';
import { withoutClocksUntil } from '../without-clocks.js';
import type { DaemonScenario } from './scenario.js';
import { simCaller } from './sim-caller.js';
import { simContainerd } from './sim-containerd.js';
import { simEvents } from './sim-events.js';
import { simNode } from './sim-node.js';
import type { DaemonEntry } from './trace.js';

/** What happened in a world, and what was left of it. */
export interface WorldRun {
  readonly scenario: DaemonScenario;
  readonly trace: readonly DaemonEntry[];
  /** The daemons that have not left. */
  readonly running: number;
  readonly leftovers: readonly string[];
  /** It did not come to rest. */
  readonly restless: boolean;
}

/** After the healing: what was under way, the deletes, a linger or an idle minute, and the events. */
const longestEnd = 700_000;
/** Besides a sweep each thirty seconds. */
const mostSteps = 30_000;
const sweepEvery = 30_000;

/** Where the bundles are: in memory where that is possible. */
const folders = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A turn of the event loop: all promises and ticks are done after it. */
const promisesDone = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const runWorld = async (scenario: DaemonScenario): Promise<WorldRun> => {
  // One of its own, removed with it: a jest worker is killed, so nothing that waits for the end of the process would remove it.
  const folder = mkdtempSync(`${folders}/rxshim-simulate-${process.pid}-`);
  const scheduler = new SimScheduler(scenario.ties === 0 ? undefined : randomFrom(scenario.ties));
  const trace: DaemonEntry[] = [];
  const record = (entry: object): void => {
    trace.push({ at: scheduler.now(), ...entry } as DaemonEntry);
  };
  const rejected = (error: unknown): void =>
    record({
      is: 'broken',
      what: `a rejection that is not handled: ${error instanceof Error ? error.message : error}`,
    });
  process.on('unhandledRejection', rejected);
  const events = simEvents(scenario, scheduler, record);
  const node = simNode({ scenario, scheduler, record, toContainerd: events.connect });
  const caller = simCaller({ scenario, scheduler, record, node });
  const deadline = scenario.healAt + longestEnd;
  const most = mostSteps + deadline / sweepEvery;
  let steps = 0;

  await withoutClocksUntil(
    (entry) => record({ is: 'broken', what: entry.is === 'broken' ? entry.stream : entry.is }),
    async () => {
      simContainerd({ scenario, scheduler, record, node, caller, events, folder });
      do {
        steps += 1;
        await promisesDone();
      } while (steps < most && scheduler.step(deadline));
      await promisesDone();
    },
  );
  process.off('unhandledRejection', rejected);
  rmSync(folder, { recursive: true, force: true });
  const engines = node.made.map(({ container }) => container.engine);
  const processes = engines.flatMap(({ processes }) => processes);
  const count = (of: string, number: number): string[] => (number > 0 ? [`${number} ${of}`] : []);
  return {
    scenario,
    trace,
    running: node.running(),
    restless: steps >= most,
    leftovers: [
      ...count('timers', scheduler.engineTimers),
      ...count('processes that run', processes.filter(({ alive }) => alive).length),
      ...count(
        'subscriptions to the end of a process',
        processes.filter((process) => process.listeners() > 0).length,
      ),
    ],
  };
};
