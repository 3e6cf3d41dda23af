/**
 * The state of one container, shared by the parts of the engine, and the bookkeeping when its init has been created.
 */
import type { Subject } from 'rxjs';
import { RxshimError } from '../failures/errors.js';
import { lookForOrphans } from '../native/process/descendants/orphans.js';
import type { Launched } from '../native/process/launched.js';
import { type Cgroup, cgroupOf } from './cgroup/cgroup.js';
import { type OomWatch, watchOom } from './cgroup/oom.js';
import type { ContainerRuntime } from './command/freezing-commands.js';
import { runcKill } from './command/runtime-commands.js';
import type { Config } from './config.js';
import type { ExecMarks } from './exec/marks.js';
import type { Grace } from './grace.js';
import type { Settings } from './options.js';
import type { TaskRecords } from './records/task-records.js';
import type { ProcessTracker } from './tracker.js';

export interface ContainerState {
  readonly settings: Settings;
  readonly runtime: ContainerRuntime;
  /** The records of an adoptable container. */
  readonly records: TaskRecords | undefined;
  readonly tracker: ProcessTracker;
  readonly oom$: Subject<void>;
  /** `creating` until the runtime has answered; `created` until `start` lets the init run the user's program. */
  phase: 'new' | 'creating' | 'created' | 'running';
  /** It was made by an earlier owner, whose last command may have gone on. */
  takenOver: boolean;
  /** `terminate` was called. A process that is still being created is killed as soon as it exists. */
  terminating: boolean;
  paused: boolean;
  /** Functions that kill the runtime commands which create or start the container. */
  readonly inFlight: Set<() => void>;
  /** Discards an init that is to be restored, as long as nothing of it runs. */
  discard: (() => void) | undefined;
  config: Config | undefined;
  cgroup: Cgroup | undefined;
  /** For the processes that outlive the init. */
  readonly grace: Grace;
  readonly marks: ExecMarks;
}

/** Tracks the init: from now on the container ends with it. */
export const trackInit = (container: ContainerState, init: Launched): void => {
  const { tracker, oom$, runtime, settings } = container;
  container.cgroup = cgroupOf(init.pid);
  const oom = container.cgroup && watchOomOf(container.cgroup, () => oom$.next());
  tracker.trackInit(init, (done) => {
    oom?.look();
    // The kernel kills the other processes of a private pid namespace together with the init. In a shared namespace the
    // engine does.
    if (!container.config?.sharesPids) return done();
    container.grace.whenOver(() =>
      runcKill(runtime, settings.id, 9, ['--all']).subscribe({ error: done, complete: done }),
    );
  });
  tracker.exit$.subscribe(() => {
    lookForOrphans();
    oom?.look();
    oom?.close();
    oom$.complete();
  });
};

/** @throws RxshimError `failedPrecondition` once the init has ended. */
export const assertInitRunning = ({ tracker, settings }: ContainerState): void => {
  if (tracker.initEnded())
    throw new RxshimError('failedPrecondition', `the init of container ${settings.id} is not running`);
};

// Without a free descriptor OOM kills are not counted, but the container must still start.
const watchOomOf = (cgroup: Cgroup, grown: () => void): OomWatch | undefined => {
  try {
    return watchOom(cgroup, grown);
  } catch {
    return undefined;
  }
};
