/**
 * A container of an OCI runtime as a compute system.
 *
 * What runs is the runtime's business, by its command line; what ended, and how, is known from the kernel. Nothing is
 * signalled or waited for that is not a child of this very process, and no thread waits for anything.
 */
import { defer, of, Subject, tap } from 'rxjs';
import type { Act } from '../contract/compute-process.js';
import { RxshimError } from '../failures/errors.js';
import { act } from '../native/process/host-process.js';
import { hostSignals } from '../signals/host.js';
import { readStats } from './cgroup/stats.js';
import { checkpoint } from './checkpoint.js';
import { ociRuntime } from './command/runtime.js';
import { order, orderPs } from './command/runtime-commands.js';
import type { Container } from './container-state.js';
import { deletionOf, shutDown, signalAll, terminate } from './end-container.js';
import { execMarks } from './exec/marks.js';
import { startExec } from './exec/start.js';
import { grace } from './grace.js';
import { makeInit } from './init/create.js';
import { type Restoration, restoration } from './init/restore.js';
import { startInit } from './init/start.js';
import { type RuncOptions, settle } from './options.js';
import type { RuncContainer } from './runc-container.js';
import { containerLife } from './tracker.js';
import { update } from './update.js';

/**
 * A container that `create` makes from the bundle, with its init held until `start`. Costs nothing until then.
 *
 * From the first container on this process is a child subreaper (prctl(2)): orphans among its descendants come to it,
 * and are reaped.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 * @example
 * const container = runc({ id: 'hello', bundle: '/containers/hello' });
 * const task = await createTask({ id: 'hello', system: container, stdio: { stdout: 'inherit' } });
 * await task.init.start();
 */
export const runc = (options: RuncOptions): RuncContainer => {
  const container = containerOf(options);
  const { runtime, life, settings, oom$ } = container;
  const { id } = settings;
  const deletion = deletionOf(container);
  let restored: Restoration | undefined;

  const switchPaused = (verb: 'pause' | 'resume'): Act =>
    order(runtime, id, verb).pipe(
      tap({
        complete: () => {
          container.paused = verb === 'pause';
        },
      }),
    );

  return {
    id,
    os: 'linux',
    isOci: true,
    initInDocument: true,
    takesDescriptors: 'init',
    signals: hostSignals(),
    exit$: life.exit$,
    oom$: oom$.asObservable(),
    create: (parameters, descriptors = {}) =>
      defer(() => {
        if (settings.restoring === undefined) return makeInit(container, parameters, descriptors);
        restored = restoration(container, parameters, descriptors);
        return of(restored.process);
      }),
    start: () => defer(() => restored?.restore() ?? startInit(container)),
    createProcess: (parameters, descriptors = {}) => startExec(container, parameters, descriptors),
    shutdown: () => shutDown(container),
    terminate: () => terminate(container),
    close: () =>
      act(() => {
        // Begun now and not waited for: it takes milliseconds, which whoever deletes next need not wait for.
        if (life.initEnded()) deletion().subscribe({ error: () => undefined });
        life.leave({ reason: 'closed' });
      }),
    delete: () => defer(deletion),
    pids: () => orderPs(runtime, id),
    pause: () => switchPaused('pause'),
    resume: () => switchPaused('resume'),
    update: (resources) => update(runtime, id, resources),
    stats: () =>
      defer(() => {
        const stats = container.cgroup && readStats(container.cgroup);
        if (stats) return of(stats);
        throw new RxshimError('notFound', `the cgroup of container ${id}`);
      }),
    checkpoint: (how) => checkpoint(runtime, id, how),
    signalAll: (signal) => signalAll(container, signal),
  };
};

const containerOf = (options: RuncOptions): Container => {
  const settings = settle(options);
  const life = containerLife();
  const container: Container = {
    settings,
    runtime: ociRuntime(settings),
    life,
    oom$: new Subject(),
    phase: 'new',
    ending: false,
    paused: false,
    underWay: new Set(),
    discard: undefined,
    config: undefined,
    cgroup: undefined,
    grace: grace(),
    marks: execMarks(() => container.cgroup, life.exit$),
  };
  return container;
};
