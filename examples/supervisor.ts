/**
 * A supervisor: keeps a program running. When it ends it is started again, after a pause that grows as long as it keeps
 * failing, and is forgotten once it has run well for a while.
 */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  endWith,
  finalize,
  ignoreElements,
  map,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  timer,
} from 'rxjs';
import type { Exec, Task } from 'rxshim';

export interface RestartPolicy {
  readonly restart: 'always' | 'on failure' | 'never';
  /** The first pause, in milliseconds; each later one is twice as long as the one before. */
  readonly pause: number;
  readonly longestPause: number;
  /** What has run this long had recovered: the next pause is the first one again. */
  readonly steadyAfter: number;
}

export type SupervisorEvent =
  | { readonly kind: 'started'; readonly exec: string; readonly pid: number }
  | { readonly kind: 'ended'; readonly exec: string; readonly status: number }
  | { readonly kind: 'pausing'; readonly ms: number }
  | { readonly kind: 'given up' };

export interface Supervised {
  readonly name: string;
  readonly args: readonly string[];
  readonly policy: RestartPolicy;
  readonly scheduler: SchedulerLike;
}

/** Unsubscribing stops the program that runs. */
export const supervise = (task: Task, supervised: Supervised): Observable<SupervisorEvent> =>
  lives(task, supervised, 1, 0);

const lives = (
  task: Task,
  supervised: Supervised,
  number: number,
  failures: number,
): Observable<SupervisorEvent> =>
  defer(() => {
    const { name, args, policy, scheduler } = supervised;
    const begun = scheduler.now();
    const id = `${name}-${number}`;
    let status = 0;

    const next$ = defer((): Observable<SupervisorEvent> => {
      const failed = status !== 0;
      if (policy.restart === 'never' || (policy.restart === 'on failure' && !failed))
        return of({ kind: 'given up' });
      const steady = scheduler.now() - begun >= policy.steadyAfter;
      const inRow = steady ? 0 : failures;
      const ms = Math.min(policy.pause * 2 ** inRow, policy.longestPause);
      return concat(
        of<SupervisorEvent>({ kind: 'pausing', ms }),
        timer(ms, scheduler).pipe(ignoreElements()),
        lives(task, supervised, number + 1, inRow + 1),
      );
    });

    const life$ = task
      .createExec({ id, spec: { args } })
      .pipe(switchMap((exec) => lifeOf(task, exec, (ended) => (status = ended))));
    return concat(life$, next$);
  });

const lifeOf = (task: Task, exec: Exec, tell: (status: number) => void): Observable<SupervisorEvent> => {
  const { id } = exec;
  const started$ = exec.start().pipe(
    ignoreElements(),
    map(() => id),
    endWith(id),
    map((): SupervisorEvent => ({ kind: 'started', exec: id, pid: exec.pid })),
    // A start that fails is an end like any other: `wait` tells it.
    catchError(() => EMPTY),
  );
  const ended$ = exec.wait().pipe(
    map(({ status }): SupervisorEvent => {
      tell(status);
      return { kind: 'ended', exec: id, status };
    }),
  );
  return concat(started$, ended$).pipe(
    finalize(() =>
      exec
        .stop()
        .pipe(switchMap(() => task.delete(id)))
        .subscribe({ error: () => undefined }),
    ),
  );
};
