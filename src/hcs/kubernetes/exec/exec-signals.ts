/**
 * Signals for execs, which Kubernetes does not have: by scripts in the container, which find the process by its pid and
 * its mark, and the tree by the mark. They need `sh`, `tr` and `grep` of the image.
 */
import { catchError, defer, from, map, type Observable, of, throwError } from 'rxjs';
import { uninterruptible } from '../../../operators/uninterruptible.js';
import type { Delivery, ProcessTree } from '../../contract/compute-process.js';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { signalMarked } from '../../in-container/confirming-script.js';
import { awaitTreeEnd, scriptStatus, signalTree } from '../../in-container/signal-script.js';
import type { PodContext } from '../pod/pod-context.js';
import { isContainerGone, runInside } from './run-inside.js';

export interface ExecSignals {
  leader(signal: number): Observable<Delivery>;
  tree(signal: number): Observable<Delivery>;
  readonly gone$: ProcessTree['gone$'];
}

export const execSignals = (pod: PodContext, pid: number, mark: string): ExecSignals => {
  const inside = (script: string, ...args: readonly string[]): Observable<Delivery> =>
    defer(() => from(runInside(pod, script, ...args))).pipe(
      map(({ code, output }): Delivery => {
        if (code === scriptStatus.signalled) return 'delivered';
        if (code === scriptStatus.noneFound) return 'notDelivered';
        // The script was killed: it has ended with its container, and the process as well.
        if (code === 137) return 'alreadyStopped';
        throw new RxshimError('permissionDenied', `signal a process of pod ${pod.name}: ${output.trim()}`);
      }),
      // A container that has ended has no process.
      catchError((error) =>
        pod.phase === 'ended' || isContainerGone(error)
          ? of<Delivery>('notDelivered')
          : throwError(() => cannotSignal(pod, error)),
      ),
      uninterruptible(),
    );
  return {
    leader: (signal) => inside(signalMarked, String(pid), mark, String(signal)),
    tree: (signal) => inside(signalTree, mark, String(signal)),
    gone$: defer(() => from(runInside(pod, awaitTreeEnd, mark))).pipe(
      map(() => undefined),
      // The container has ended, and all of the tree with it; or it cannot be found out.
      catchError(() => of(undefined)),
    ),
  };
};

/** For an exec that was started without the confirming script. */
export const noSignals = (pod: PodContext): ExecSignals => {
  const refuse = defer(() => throwError(() => cannotSignal(pod, new Error('the image has no shell'))));
  return { leader: () => refuse, tree: () => refuse, gone$: of(undefined) };
};

const cannotSignal = ({ name }: PodContext, cause: unknown): RxshimError =>
  cause instanceof RxshimError && (cause.kind === 'permissionDenied' || cause.kind === 'unavailable')
    ? cause
    : new RxshimError(
        'notImplemented',
        `signal a process of pod ${name}: it needs sh, tr and grep of the image: ${messageOf(cause)}`,
        { cause },
      );
