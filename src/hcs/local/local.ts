/**
 * The local system and the processes that belong to it.
 *
 * The first process is its init. When the init exits, or the system is terminated, every process that belongs to it is
 * killed, and `exit$` emits `ended` once none is left; a pid namespace does the same, but this is none. A process
 * belongs to the system if it was started by it or descends from such a process. `members.ts` explains how it finds a
 * daemon that forked twice and has its own session and an empty environment. docs/process-trees.md lists what escapes.
 *
 * Nothing is isolated: processes see the host's files, network and users. On Windows a job object does all this, and
 * nothing escapes it; see `windows/local-windows.ts`.
 */
import { AsyncSubject, defer, Observable, of } from 'rxjs';
import type { ComputeProcess, ProcessExit, ProcessTree } from '../contract/compute-process.js';
import type { ComputeSystem, Descriptors, SystemExit } from '../contract/compute-system.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import { RxshimError } from '../failures/errors.js';
import { requireLinux } from '../native/call/runtime.js';
import { endMembers } from '../native/process/descendants/end-members.js';
import { watchOrphans } from '../native/process/descendants/orphans.js';
import { becomeSubreaper } from '../native/process/descendants/subreaper.js';
import { processTree } from '../native/process/descendants/tree.js';
import { hostProcess } from '../native/process/host-process.js';
import type { Launched } from '../native/process/launched.js';
import { act } from '../native/process/stream-acts.js';
import { hostSignals } from '../signals/host.js';
import { type Guarded, guard } from './guardian.js';
import { idleProcess } from './idle.js';
import { launchError } from './launch/error.js';
import { launch } from './launch/launch.js';
import { openStreams } from './launch/open-streams.js';
import { members, shareSession } from './members.js';
import { type LocalOptions, type LocalSettings, settle } from './options.js';
import { environmentList, type Program, programOf } from './program/program.js';
import { localWindows } from './windows/local-windows.js';

/**
 * A signal of the terminal reaches this program together with its processes, and may kill the first of them before this
 * program can request a grace period for the others. How long that may take, in milliseconds.
 */
const untilAsked = 50;

/**
 * A new, empty system on this host. Costs nothing until a process is created in it.
 *
 * @throws RxshimError `invalidArgument` for an option of the wrong type.
 * @example
 * const system = local();
 * const parameters = { OciProcess: { args: ['echo', 'hello'] }, CreateStdOutPipe: true };
 * system.createProcess(parameters).pipe(switchMap((process) => process.exit$)).subscribe(console.log);
 */
export const local = (options: LocalOptions = {}): ComputeSystem => {
  const settings = settle(options);
  const system = process.platform === 'win32' ? localWindows(settings) : localUnix(settings);
  return Object.assign(system, {
    fresh: () => local(options),
    idle: idleProcess,
    defaultProcess: () => ({ env: environmentList(settings.defaults().env) }),
  });
};

const localUnix = ({ id, detached, defaults }: LocalSettings): ComputeSystem => {
  const mine = members();
  const exit$ = new AsyncSubject<SystemExit>();
  const running = new Set<Launched>();
  const guards = new Set<Guarded>();
  let state: 'open' | 'ending' | 'gone' = 'open';
  let init: Launched | undefined;
  /** Grace periods that wait for the processes to end by themselves. */
  let waiting = 0;
  let killing = false;
  let killed: { readonly error?: unknown } | undefined;

  const leave = (exit: SystemExit): void => {
    if (state === 'gone') return;
    state = 'gone';
    exit$.next(exit);
    exit$.complete();
  };

  // The exits of the processes are emitted before that of the system.
  const leaveIfEmpty = (): void => {
    if (killed && (running.size === 0 || killed.error !== undefined)) leave({ reason: 'ended', ...killed });
  };

  const kill = (): void => {
    if (killing) return;
    killing = true;
    setImmediate(endMembers, mine, (error: unknown) => {
      killed = error === undefined ? {} : { error };
      leaveIfEmpty();
    });
  };

  const end = (): void => {
    if (state === 'open') state = 'ending';
    if (state === 'ending') kill();
  };

  const killUnlessWaiting = (): void => {
    if (waiting === 0) kill();
  };

  const initEnded = (exit: ProcessExit): void => {
    if (state !== 'open') return;
    state = 'ending';
    const mayBeStopped = defaults().foreground && exit.kind === 'signaled' && mine.list().length > 0;
    if (mayBeStopped) setTimeout(killUnlessWaiting, untilAsked);
    else killUnlessWaiting();
  };

  const leftAlone = (): (() => void) => {
    waiting += 1;
    return () => {
      waiting -= 1;
      if (waiting === 0 && state === 'ending') kill();
    };
  };

  const guarding = (mark: number): Guarded | undefined => {
    if (detached) return undefined;
    const guarded = guard(mark);
    guards.add(guarded);
    return guarded;
  };

  const release = (guarded: Guarded | undefined): void => {
    if (guarded === undefined) return;
    guards.delete(guarded);
    guarded.release();
  };

  /** The tree of the init is the whole system. */
  const admit = (launched: Launched, mark: number, guarded: Guarded | undefined): ProcessTree => {
    const isInit = init === undefined;
    init ??= launched;
    running.add(launched);
    guarded?.started(launched.pid);
    const member = mine.add(launched.pid, mark, () => release(guarded));
    launched.exit$.subscribe((exit) => {
      running.delete(launched);
      guarded?.reaped();
      member.reaped();
      if (isInit) initEnded(exit);
      // This is the first subscriber to the exit. setImmediate lets the others see the exit of the process before that
      // of the system.
      setImmediate(leaveIfEmpty);
    });
    return isInit ? processTree(mine, end, leftAlone) : processTree(member);
  };

  const mustBeOpen = (): void => {
    if (state !== 'open') throw new RxshimError('failedPrecondition', `system ${id} has ended`);
  };

  const create = (parameters: ProcessParameters, descriptors: Descriptors): Observable<ComputeProcess> =>
    new Observable((subscriber) => {
      requireLinux();
      mustBeOpen();
      const program = programOf(parameters, defaults());
      becomeSubreaper();
      watchOrphans();
      const streams = openedOr(program, () => openStreams(parameters, descriptors, program.terminal));
      if (program.place === 'group') shareSession();
      const mark = mine.nextMark();
      const guarded = guarding(mark);
      launch(program, streams.child, mark, (result) => {
        streams.started();
        if (result instanceof Error) {
          release(guarded);
          streams.close();
          subscriber.error(result);
          return;
        }
        subscriber.next(hostProcess(result, streams, admit(result, mark, guarded)));
        subscriber.complete();
      });
    });

  return {
    id,
    os: process.platform === 'darwin' ? 'darwin' : 'linux',
    isOci: true,
    initInDocument: false,
    takesDescriptors: true,
    signals: hostSignals(),
    exit$: exit$.asObservable(),
    // There is nothing to start: the system exists as soon as it has a process.
    start: () => act(mustBeOpen),
    createProcess: (parameters, descriptors = {}) => create(parameters, descriptors),
    shutdown: () => act(() => (init ? void init.send(15) : end())),
    terminate: () => act(end),
    // Running processes stay: closing a system does not end it, nor does the end of this program afterwards.
    close: () =>
      act(() => {
        guards.forEach(release);
        leave({ reason: 'closed' });
      }),
    pids: () => defer(() => of(mine.list().map(({ pid }) => pid))),
  };
};

const openedOr = <T>(program: Program, open: () => T): T => {
  try {
    return open();
  } catch (error) {
    throw launchError(program, error);
  }
};
