/**
 * A container that exists, with a server, as a compute system: processes are started in it, and it is left as it was.
 *
 * The invariant: nothing asked of this system ends the container. `shutdown` and `terminate` kill the processes started
 * through it with all that they have started, and `exit$` emits when they have exited, or when the container has ended.
 */
import { type AsyncSubject, defer, EMPTY, from, ignoreElements, type Observable, type Subject } from 'rxjs';
import { act } from '../contract/act.js';
import type { Act, ComputeProcess } from '../contract/compute-process.js';
import type { ComputeSystem, SystemExit } from '../contract/compute-system.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import { newMark, systemMark, withVariable } from '../in-container/marks.js';
import type { SignalTable } from '../signals/options.js';
import { startedProcesses } from './started-processes.js';
import { type FoundEnd, systemExitOf } from './system-exit.js';

/** The knowledge of an engine about a container that it shares with other clients. */
export interface ExistingContainer {
  readonly id: string;
  /** Such as `pod web`, for errors. */
  readonly name: string;
  readonly state: {
    phase: 'new' | 'creating' | 'created' | 'running' | 'ended';
    isClosed: boolean;
    readonly closed$: Subject<void>;
    readonly exit$: AsyncSubject<SystemExit>;
  };
  readonly signals: SignalTable;
  /** Finds the container, which must run, and watches it from then on. */
  find(): Promise<WatchedContainer>;
  startProcess(parameters: ProcessParameters): Observable<ComputeProcess>;
  /** Kills the processes that have the mark. */
  killMarked(mark: string): Observable<unknown>;
  /** The processes that have the mark; `started` are the pids of those that this system has started. */
  pids(mark: string, started: ReadonlySet<number>): Observable<readonly number[]>;
  /** Publishes the exit of the system. The first one counts. */
  leave(exit: SystemExit): void;
  fresh(): ComputeSystem;
}

export interface WatchedContainer {
  readonly end: Promise<FoundEnd>;
  /** Ends the watch; `end` need not resolve afterwards. */
  stop?(): void;
}

export const execSystem = (container: ExistingContainer): ComputeSystem => {
  const { id, name, state, signals, leave } = container;
  const mark = newMark(systemMark);
  let watched: WatchedContainer | undefined;
  const ended = (exit: SystemExit): void => {
    watched?.stop?.();
    leave(exit);
  };
  const started = startedProcesses(name, () => ended({ reason: 'ended' }));

  const start = async (): Promise<void> => {
    watched = await container.find();
    state.phase = 'running';
    void watched.end.then((end) => {
      if (state.exit$.isStopped) return;
      state.phase = 'ended';
      leave(systemExitOf(end));
    });
  };
  const end = (): Act =>
    started.end(defer(() => (state.phase === 'running' ? container.killMarked(mark) : EMPTY)));

  return {
    id,
    os: 'linux',
    isOci: true,
    initInDocument: false,
    takesDescriptors: false,
    signals,
    exit$: state.exit$.asObservable(),
    start: () => defer(() => from(start())).pipe(ignoreElements()),
    createProcess: (parameters) =>
      defer(() => from(started.start(() => container.startProcess(withVariable(parameters, mark))))),
    shutdown: end,
    terminate: end,
    close: () =>
      act(() => {
        ended({ reason: 'closed' });
        state.isClosed = true;
        state.closed$.next();
      }),
    fresh: () => container.fresh(),
    pids: () => defer(() => container.pids(mark, started.pids)),
  };
};
