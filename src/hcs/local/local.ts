/**
 * The system itself: its life, and who lives in it.
 *
 * The first process is its init. When init ends, or the system is terminated, every process that belongs to it is
 * killed and `exit$` tells "ended" once none is left; so does the kernel with a pid namespace, which this is not. A
 * process belongs to it that was started by it, is of a session that such a process leads or led, carries the mark
 * `RXSHIM_CONTAINER` in the environment it was started with, or descends from one of these. So a daemon is found that
 * forked twice and has a session of its own. Three steps together escape: to clear the environment, to start a new
 * session, and to be orphaned before the end begins. Set-user-ID programs can be found but not killed. Whoever needs
 * a wall and not a broom takes an engine with a kernel's namespaces.
 *
 * Nothing is isolated: processes see the host's files, network and users. On Windows a job object does all this, and
 * nothing escapes it; see `windows/local-windows.ts`.
 */
import { AsyncSubject, defer, Observable, of } from 'rxjs';
import type { ComputeProcess } from '../compute-process.js';
import type { ComputeSystem, Descriptors, SystemExit } from '../compute-system.js';
import { RxshimError } from '../errors.js';
import { hostSignals } from '../host-signals.js';
import { act, hostProcess } from '../native/host-process.js';
import type { Launched } from '../native/launched.js';
import { requireLinux } from '../native/runtime.js';
import type { ProcessParameters } from '../process-parameters.js';
import { endMembers } from './end-members.js';
import { launch } from './launch.js';
import { launchError } from './launch-error.js';
import { members } from './members.js';
import { openStreams } from './open-streams.js';
import { type LocalOptions, settle } from './options.js';
import { type Program, type ProgramDefaults, programOf } from './program.js';
import { localWindows } from './windows/local-windows.js';

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
  const { id, defaults } = settle(options);
  return process.platform === 'win32' ? localWindows({ id, defaults }) : localUnix(id, defaults);
};

const localUnix = (id: string, defaults: () => ProgramDefaults): ComputeSystem => {
  const mine = members();
  const exit$ = new AsyncSubject<SystemExit>();
  const running = new Set<Launched>();
  let state: 'open' | 'ending' | 'gone' = 'open';
  let init: Launched | undefined;
  let killed: { readonly error?: unknown } | undefined;

  const leave = (exit: SystemExit): void => {
    if (state === 'gone') return;
    state = 'gone';
    exit$.next(exit);
    exit$.complete();
  };

  // Whoever sees the system end has seen its processes end.
  const leaveIfEmpty = (): void => {
    if (killed && (running.size === 0 || killed.error !== undefined)) leave({ reason: 'ended', ...killed });
  };

  const end = (): void => {
    if (state !== 'open') return;
    state = 'ending';
    setImmediate(endMembers, mine, (error: unknown) => {
      killed = error === undefined ? {} : { error };
      leaveIfEmpty();
    });
  };

  const admit = (launched: Launched): void => {
    const isInit = init === undefined;
    init ??= launched;
    running.add(launched);
    mine.add(launched.pid);
    launched.exit$.subscribe(() => {
      running.delete(launched);
      mine.remove(launched.pid);
      if (isInit) end();
      // This is the first subscriber: the others are to hear of the process before they hear of the system.
      setImmediate(leaveIfEmpty);
    });
  };

  const mustBeOpen = (): void => {
    if (state !== 'open') throw new RxshimError('failedPrecondition', `system ${id} has ended`);
  };

  const create = (parameters: ProcessParameters, descriptors: Descriptors): Observable<ComputeProcess> =>
    new Observable((subscriber) => {
      requireLinux();
      mustBeOpen();
      const described = programOf(parameters, defaults());
      const program = { ...described, env: mine.marked(described.env) };
      const streams = openedOr(program, () => openStreams(parameters, descriptors, program.terminal));
      launch(program, streams.child, (result) => {
        streams.started();
        if (result instanceof Error) {
          streams.close();
          subscriber.error(result);
          return;
        }
        admit(result);
        subscriber.next(hostProcess(result, streams));
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
    // There is nothing to start: it is there as soon as it has a process.
    start: () => act(mustBeOpen),
    createProcess: (parameters, descriptors = {}) => create(parameters, descriptors),
    shutdown: () => act(() => (init ? void init.send(15) : end())),
    terminate: () => act(end),
    // What still runs is left to run: letting go of a system does not end it.
    close: () => act(() => leave({ reason: 'closed' })),
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
