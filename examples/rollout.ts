/**
 * A health-checked service, and its graceful rollout: the new version runs beside the old one until it has proved
 * healthy; only then is the old one stopped. One that does not get healthy in time is stopped itself, and nothing else
 * has changed.
 */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  race,
  repeat,
  type SchedulerLike,
  scan,
  switchMap,
  take,
  timer,
} from 'rxjs';
import type { Exec, Task } from 'rxshim';

export interface Version {
  readonly name: string;
  readonly args: readonly string[];
  /** A command that exits with 0 when the version is healthy. */
  readonly check: readonly string[];
}

export interface RolloutOptions {
  /** Between two checks, in milliseconds. */
  readonly interval: number;
  /** A check that takes longer counts as failed, and is ended. */
  readonly checkTimeout: number;
  /** So many good checks in a row are healthy. */
  readonly healthyAfter: number;
  /** The new version has this long to get healthy. */
  readonly deadline: number;
  /** The old version has this long to end by itself. */
  readonly grace: number;
  readonly scheduler: SchedulerLike;
}

export type RolloutEvent =
  | { readonly kind: 'started' | 'healthy' | 'rolled back'; readonly version: string }
  | { readonly kind: 'stopped'; readonly version: string; readonly by: 'itself' | 'signal' | 'kill' };

/** Completes when one of the two runs alone. */
export const rollOut = (
  task: Task,
  next: Version,
  current: Exec | undefined,
  options: RolloutOptions,
): Observable<RolloutEvent> =>
  task.createExec({ id: next.name, spec: { args: next.args } }).pipe(
    switchMap((exec) => {
      const version = next.name;
      const started$ = exec.start().pipe(
        ignoreElements(),
        catchError(() => EMPTY),
      );
      const stop = (old: Exec): Observable<RolloutEvent> =>
        old
          .stop({ grace: options.grace })
          .pipe(map(({ by }): RolloutEvent => ({ kind: 'stopped', version: old.id, by })));
      const verdict$ = race(
        healthy(task, next, options).pipe(map(() => true)),
        merge(timer(options.deadline, options.scheduler), exec.exit$).pipe(
          take(1),
          map(() => false),
        ),
      );
      return concat(
        started$,
        of<RolloutEvent>({ kind: 'started', version }),
        verdict$.pipe(
          switchMap((good) =>
            good
              ? concat(
                  of<RolloutEvent>({ kind: 'healthy', version }),
                  current === undefined ? EMPTY : stop(current),
                )
              : concat(stop(exec), of<RolloutEvent>({ kind: 'rolled back', version })),
          ),
        ),
      );
    }),
  );

/** Emits once, when enough checks in a row were good. */
const healthy = (task: Task, version: Version, options: RolloutOptions): Observable<number> => {
  let checks = 0;
  return defer(() => {
    checks += 1;
    return check(task, version, checks, options);
  }).pipe(
    repeat({ delay: () => timer(options.interval, options.scheduler) }),
    scan((inRow, good) => (good ? inRow + 1 : 0), 0),
    filter((inRow) => inRow >= options.healthyAfter),
    take(1),
  );
};

/** One check: an exec that has so long. Whatever becomes of it, it is not left running. */
const check = (
  task: Task,
  { name, check: args }: Version,
  number: number,
  { checkTimeout, scheduler }: RolloutOptions,
): Observable<boolean> =>
  task.createExec({ id: `${name}-check-${number}`, spec: { args } }).pipe(
    switchMap((exec) => {
      const good$ = exec.exit$.pipe(map(({ status }) => status === 0));
      const late$ = timer(checkTimeout, scheduler).pipe(map(() => false));
      return merge(exec.start().pipe(ignoreElements()), race(good$, late$)).pipe(
        take(1),
        finalize(() =>
          exec
            .stop({ grace: 0 })
            .pipe(switchMap(() => task.delete(exec.id)))
            .subscribe({ error: () => undefined }),
        ),
      );
    }),
    catchError(() => of(false)),
  );
