/**
 * Signals for execs, which the Engine API does not have. The first way that works is taken:
 *
 *     host       the daemon runs on this host: the processes are found by their mark and signalled by the kernel
 *     container  a script in the container finds and signals them; needs `sh` and `grep` of the image
 *
 * Both find the whole tree of an exec, orphans with a session of their own included.
 */
import { readdirSync } from 'node:fs';
import { catchError, defer, from, map, type Observable, of, switchMap, throwError } from 'rxjs';
import { uninterruptible } from '../../../operators/uninterruptible.js';
import type { Delivery, ProcessTree } from '../../contract/compute-process.js';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { signalMarked } from '../../in-container/confirming-script.js';
import { awaitTreeEnd, scriptStatus, signalLeader, signalTree } from '../../in-container/signal-script.js';
import type { Members } from '../../native/process/descendants/members.js';
import { processTree } from '../../native/process/descendants/tree.js';
import { type ProcessEntry, processEntry, readProc } from '../../native/process/proc.js';
import { sendSignal } from '../../native/process/send-signal.js';
import { pause } from '../../remote/pause.js';
import type { Container } from '../container/container.js';
import { isOnThisHost } from '../container/on-this-host.js';
import { runInside } from './run-inside.js';
import type { RecordedExec } from './started-exec.js';

export interface ExecSignals {
  leader(signal: number): Observable<Delivery>;
  readonly tree: ProcessTree;
}

/** @param isRunning whether the leader runs, as far as is known; `pid` its number with the daemon, 0 if not known. */
export const execSignals = (
  container: Container,
  mark: string,
  leader: () => { readonly pid: number; readonly isRunning: boolean },
  record?: RecordedExec,
): ExecSignals => {
  const onHost = (): boolean => isOnThisHost(container);
  const members: Members = {
    list: () => markedProcesses(mark),
    get living() {
      const { pid, isRunning } = leader();
      return isRunning && pid > 0 ? [pid] : [];
    },
  };
  const hostTree = processTree(members);
  const inside = (script: string, ...args: readonly string[]): Observable<Delivery> =>
    defer(() => from(runInside(container, script, ...args))).pipe(
      map(({ code, output }): Delivery => {
        if (code === scriptStatus.signalled) return 'delivered';
        if (code === scriptStatus.noneFound) return 'notDelivered';
        throw new RxshimError(
          'permissionDenied',
          `signal a process of container ${container.name}: ${output.trim()}`,
        );
      }),
      catchError((error) => throwError(() => cannotSignal(container, error))),
    );
  /** The runtime's own process has the leader's number until it executes the command, and no mark until then. */
  const executed = async (): Promise<void> => {
    for (const deadline = Date.now() + maxExecutionDelay; Date.now() < deadline; await pause(5)) {
      const { pid, isRunning } = leader();
      if (!isRunning || pid === 0 || isMarked(pid, mark) || processEntry(pid)?.ended !== false) return;
    }
  };
  const onceExecuted = <T>(act: () => Observable<T>): Observable<T> =>
    defer(() => from(executed())).pipe(switchMap(act), uninterruptible());
  return {
    leader: (signal) =>
      defer(() => {
        if (!onHost())
          return record === undefined || record.pid === 0
            ? inside(signalLeader, mark, String(signal))
            : inside(signalMarked, String(record.pid), mark, String(signal));
        return onceExecuted(() => {
          const { pid, isRunning } = leader();
          if (!isRunning) return of<Delivery>('notDelivered');
          return of(
            sendSignal(
              pid > 0 && isMarked(pid, mark) ? pid : (markedProcesses(mark)[0]?.pid ?? none),
              signal,
            ),
          );
        });
      }),
    tree: {
      signal: (options) =>
        defer(() =>
          onHost()
            ? onceExecuted(() => hostTree.signal(options))
            : inside(signalTree, mark, String(options.Signal)),
        ),
      kill: () =>
        defer(() => (onHost() ? onceExecuted(() => hostTree.kill()) : inside(signalTree, mark, '9'))),
      gone$: defer(() =>
        onHost()
          ? hostTree.gone$
          : from(runInside(container, awaitTreeEnd, mark)).pipe(
              map(() => undefined),
              // The container has ended, and all of the tree with it; or it cannot be found out.
              catchError(() => of(undefined)),
            ),
      ),
    },
  };
};

/** Longer than a runtime takes on a busy machine, in milliseconds. */
const maxExecutionDelay = 5_000;

/** The number of no process. */
const none = 0x7fffffff;

const isMarked = (pid: number, mark: string): boolean =>
  (readProc(`/proc/${pid}/environ`) ?? '').includes(mark);

/** The oldest first: that is the leader, as long as it runs. */
export const markedProcesses = (mark: string): readonly ProcessEntry[] =>
  [...readdirSync('/proc')]
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isMarked(pid, mark))
    .flatMap((pid) => processEntry(pid) ?? [])
    .filter(({ ended }) => !ended)
    .sort((one, other) => one.pid - other.pid);

const cannotSignal = ({ name }: Container, cause: unknown): RxshimError =>
  cause instanceof RxshimError && (cause.kind === 'permissionDenied' || cause.kind === 'unavailable')
    ? cause
    : new RxshimError(
        'notImplemented',
        `signal a process of container ${name}: the daemon is not on this host, and the image has no shell: ${messageOf(cause)}`,
        { cause },
      );
