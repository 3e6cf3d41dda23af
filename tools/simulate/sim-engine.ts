/** All that is simulated below a task: its compute system, the processes in it, its publisher, and their faults. */
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import type { Publish } from '../../src/streams/publisher.js';
import { type Faults, faultsOf } from './faults.js';
import { type Perform, performer } from './perform.js';
import type { Scenario } from './scenario.js';
import { type SimProcess, simProcesses } from './sim-process.js';
import { simPublisher } from './sim-publisher.js';
import type { SimScheduler } from './sim-scheduler.js';
import type { SimStreams } from './sim-streams.js';
import { simSystem } from './sim-system.js';
import type { Entry } from './trace.js';

export interface SimEngine {
  readonly system: ComputeSystem;
  readonly publish: Publish;
  readonly processes: readonly SimProcess[];
  readonly faults: Faults;
  readonly perform: Perform;
  /** How many listen for the end of the container. */
  listeners(): number;
  gone(): boolean;
}

export interface EngineOptions {
  readonly scenario: Scenario;
  readonly scheduler: SimScheduler;
  readonly record: (entry: Entry) => void;
  readonly stdioOf?: SimStreams['stdioOf'] | undefined;
  readonly firstPid?: number;
}

export const simEngine = ({
  scenario,
  scheduler,
  record,
  stdioOf,
  firstPid = 101,
}: EngineOptions): SimEngine => {
  const faults = faultsOf(scenario);
  const perform = performer(faults, scheduler, record);
  const below = { scenario, scheduler, record, faults, perform, firstPid };
  const processes = simProcesses(below);
  const { system, listeners, gone } = simSystem({ ...below, processes, stdioOf });
  return {
    system,
    publish: simPublisher(faults, scheduler, record),
    processes: processes.all,
    faults,
    perform,
    listeners,
    gone,
  };
};
