/**
 * A container of an OCI runtime as a compute system.
 *
 * The runtime's command line creates and starts processes; how a process ended is read from the kernel. Only children
 * of this process are signalled or waited for. No call blocks the thread.
 */
import { defer, map, of, Subject } from 'rxjs';
import { RxshimError } from '../failures/errors.js';
import { childHost } from '../native/process/child-host.js';
import { act } from '../native/process/stream-acts.js';
import { hostSignals } from '../signals/host.js';
import { adopt } from './adopt/adopt.js';
import { runtimeState } from './adopt/runtime-state.js';
import { type KnownContainer, takeOver } from './adopt/take-over.js';
import { readStats } from './cgroup/stats.js';
import { checkpoint } from './checkpoint.js';
import { containerRuntime } from './command/freezing-commands.js';
import { ociRuntime } from './command/runtime.js';
import { runcPs } from './command/runtime-commands.js';
import type { ContainerState } from './container-state.js';
import { deleteOnce, shutDown, signalAll, terminate } from './end-container.js';
import { execMarks } from './exec/marks.js';
import { startExec } from './exec/start.js';
import { grace } from './grace.js';
import { createInit } from './init/create.js';
import { type RestorableInit, restorableInit } from './init/restore.js';
import { startInit } from './init/start.js';
import { type RuncOptions, resolveOptions } from './options.js';
import { taskRecords } from './records/task-records.js';
import type { RuncContainer } from './runc-container.js';
import { switchPaused } from './switch-paused.js';
import { processTracker } from './tracker.js';
import { update } from './update.js';

/**
 * A container that `create` makes from the bundle. Nothing is run before.
 *
 * The first container makes this process a child subreaper (prctl(2)): orphans among its descendants are reparented
 * to it and reaped.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 * @example
 * const container = runc({ id: 'hello', bundle: '/containers/hello' });
 * const task = await createTask({ id: 'hello', system: container, stdio: { stdout: 'inherit' } });
 * await task.init.start();
 */
export const runc = (options: RuncOptions): RuncContainer => {
  const container = containerOf(options);
  const { runtime, tracker, settings, oom$ } = container;
  const { id } = settings;
  const deletion = deleteOnce(container);
  let restored: RestorableInit | undefined;

  return {
    id,
    os: 'linux',
    isOci: true,
    initInDocument: true,
    takesDescriptors: 'sharedOutput',
    signals: hostSignals(),
    exit$: tracker.exit$,
    oom$: oom$.asObservable(),
    create: (parameters, descriptors = {}) =>
      defer(() => {
        if (settings.restoreOptions === undefined) return createInit(container, parameters, descriptors);
        restored = restorableInit(container, parameters, descriptors);
        return of(restored.process);
      }),
    start: () => defer(() => restored?.restore() ?? startInit(container)),
    defaultProcess: () => {
      // As `runc exec` does: a terminal is the init's own.
      const { terminal: _, consoleSize: __, ...rest } = container.config?.process ?? {};
      return { cwd: '/', ...rest };
    },
    createProcess: (parameters, descriptors = {}, identity) =>
      startExec(container, parameters, descriptors, identity),
    ...(container.records && { adopt: (request) => adopt(container, request) }),
    ...(childHost().kept && {
      namesProcesses: true,
      takeOver: (known: KnownContainer) => takeOver(container, known),
      isFrozen: () => runtimeState(runtime, id).pipe(map((state) => state?.status === 'paused')),
    }),
    shutdown: () => shutDown(container),
    terminate: () => terminate(container),
    close: () =>
      act(() => {
        // Deletes in the background. It takes milliseconds, and a later `delete` shares the result.
        // An adoptable one stays until it is deleted.
        if (tracker.initEnded() && container.records === undefined)
          deletion().subscribe({ error: () => undefined });
        tracker.settle({ reason: 'closed' });
      }),
    delete: () => defer(deletion),
    pids: () => runcPs(runtime, id),
    pause: () => switchPaused(container, 'pause'),
    resume: () => switchPaused(container, 'resume'),
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

const containerOf = (options: RuncOptions): ContainerState => {
  const settings = resolveOptions(options);
  const tracker = processTracker();
  const container: ContainerState = {
    settings,
    runtime: containerRuntime(ociRuntime(settings)),
    records: settings.records && taskRecords(settings.records.directory, settings.id),
    tracker,
    oom$: new Subject(),
    phase: 'new',
    takenOver: false,
    terminating: false,
    paused: false,
    inFlight: new Set(),
    discard: undefined,
    config: undefined,
    cgroup: undefined,
    grace: grace(),
    marks: execMarks(() => container.cgroup, tracker.exit$),
  };
  return container;
};
