/**
 * What the parts of a container's engine share: the facts about one container, and what becomes of its init.
 */
import type { Subject } from 'rxjs';
import { RxshimError } from '../failures/errors.js';
import type { Launched } from '../native/process/launched.js';
import { lookForOrphans } from '../native/process/orphans.js';
import { type Cgroup, cgroupOf } from './cgroup/cgroup.js';
import { type OomWatch, watchOom } from './cgroup/oom.js';
import type { Runtime } from './command/runtime.js';
import { orderKill } from './command/runtime-commands.js';
import type { Config } from './config.js';
import type { ExecMarks } from './exec/marks.js';
import type { Grace } from './grace.js';
import type { Settings } from './options.js';
import type { Life } from './tracker.js';

export interface Container {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly life: Life;
  readonly oom$: Subject<void>;
  /** `making` until the runtime has answered; `held` until the init may begin. */
  phase: 'new' | 'making' | 'held' | 'running';
  /** It is to end, whatever becomes of what is under way. */
  ending: boolean;
  paused: boolean;
  /** Ways to kill the runtime where it makes or starts the container. */
  readonly underWay: Set<() => void>;
  /** Gives up an init that is only to be restored, while nothing of it runs. */
  discard: (() => void) | undefined;
  config: Config | undefined;
  cgroup: Cgroup | undefined;
  /** Of those that outlive the init. */
  readonly grace: Grace;
  readonly marks: ExecMarks;
}

/** Takes the init of a container in: from here on its end is the container's. */
export const admitInit = (container: Container, init: Launched): void => {
  const { life, oom$, runtime, settings } = container;
  container.cgroup = cgroupOf(init.pid);
  const oom = container.cgroup && watchOomOf(container.cgroup, () => oom$.next());
  life.admitInit(init, (done) => {
    oom?.look();
    // Nothing but this engine ends what shares the ids of this host; a private namespace ends with its init.
    if (!container.config?.sharesPids) return done();
    container.grace.afterwards(() =>
      orderKill(runtime, settings.id, 9, ['--all']).subscribe({ error: done, complete: done }),
    );
  });
  life.exit$.subscribe(() => {
    lookForOrphans();
    oom?.look();
    oom?.close();
    oom$.complete();
  });
};

/** @throws RxshimError `failedPrecondition` once the init has ended. */
export const mustLive = ({ life, settings }: Container): void => {
  if (life.initEnded())
    throw new RxshimError('failedPrecondition', `the init of container ${settings.id} is not running`);
};

// What cannot be watched, for want of a descriptor, must not cost the container.
const watchOomOf = (cgroup: Cgroup, grown: () => void): OomWatch | undefined => {
  try {
    return watchOom(cgroup, grown);
  } catch {
    return undefined;
  }
};
