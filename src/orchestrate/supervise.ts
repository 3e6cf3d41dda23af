/**
 * Keeps something running: when it ends it is started again, after a pause that grows as long as it keeps failing.
 *
 * The invariant: it never runs twice at a time. It is started again only when nothing of the attempt before is left.
 */
import {
  asyncScheduler,
  concat,
  defer,
  EMPTY,
  filter,
  map,
  merge,
  type Observable,
  of,
  repeat,
  type SchedulerLike,
  Subject,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { refuseUnknown } from '../hcs/failures/refuse-unknown.js';
import type { RunError } from '../run/run-error.js';
import type { RunEvent, RunResult, RunStopReason } from '../run/run-interface.js';
import { requireFunction, requireObject } from '../streams/arguments.js';
import { type Backoff, backoff } from './backoff.js';
import { type HealthOptions, unhealthy } from './health.js';
import { errorOf, type ReadyEvent, settled, type Work, type WorkEvent } from './settled.js';

/** Options of `supervise`. */
export interface SuperviseOptions {
  /** When it is started again. Default `always`. A failure is any end except by itself with status 0. */
  readonly restart?: 'always' | 'on failure' | 'never';
  readonly backoff?: Partial<Backoff>;
  /** After running for so many milliseconds it counts as recovered: the pauses start from the first again. Default 10000. */
  readonly steadyAfter?: number;
  /** The maximum number of restarts. Default: unlimited. */
  readonly maxRestarts?: number;
  /** When it counts as unhealthy; then it is stopped, and started again as after a failure. */
  readonly health?: HealthOptions;
  readonly scheduler?: SchedulerLike;
  /** From 0 to 1, for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

const known = [
  'restart',
  'backoff',
  'steadyAfter',
  'maxRestarts',
  'health',
  'scheduler',
  'random',
] as const satisfies readonly (keyof SuperviseOptions)[];

/** The values that `supervise` emits. `attempt` counts the starts, from 1 on. */
export type SupervisorEvent =
  | { readonly kind: 'started'; readonly attempt: number; readonly pid: number }
  | (Extract<RunEvent, { kind: 'output' }> & { readonly attempt: number })
  | (ReadyEvent & { readonly attempt: number })
  | { readonly kind: 'unhealthy'; readonly attempt: number }
  /** `error` says why it failed, with a message for a person. */
  | {
      readonly kind: 'ended';
      readonly attempt: number;
      readonly result: RunResult<unknown>;
      readonly error: RunError<RunResult<unknown>> | undefined;
    }
  | { readonly kind: 'waiting'; readonly ms: number };

/**
 * Returns an Observable that starts what `start` returns for each attempt, and emits what becomes of it. Completes when it
 * is not started again; unsubscribing stops it. Runs that it starts should have `keepOutput: false`.
 *
 * Errors with what `start` throws, and with what is no end of a command: options that cannot be, a task that is gone.
 *
 * @example
 * supervise(() => run(task, ['server'], { keepOutput: false }), { restart: 'on failure' }).subscribe();
 */
export const supervise = (
  start: (attempt: number) => Work,
  options: SuperviseOptions = {},
): Observable<SupervisorEvent> => {
  requireFunction('start', start);
  requireObject('options', options);
  refuseUnknown('', options, known);
  if (options.health !== undefined) {
    requireObject('health', options.health);
    refuseUnknown('health.', options.health, ['check', 'after', 'interval', 'timeout', 'failures']);
  }
  const { scheduler = asyncScheduler, restart = 'always', random = Math.random, health } = options;
  const { steadyAfter = 10_000, maxRestarts = Number.POSITIVE_INFINITY } = options;
  const pauseAfter = backoff(options.backoff, random);
  return defer(() => {
    let attempt = 0;
    let failures = 0;
    /** Milliseconds until it is started again, if it is. */
    let pause: number | undefined;

    const decide = (ran: number, isFailure: boolean): Observable<SupervisorEvent> => {
      const again = restart === 'always' || (restart === 'on failure' && isFailure);
      if (ran >= steadyAfter) failures = 0;
      failures += 1;
      pause = again && attempt <= maxRestarts ? pauseAfter(failures) : undefined;
      return pause === undefined ? EMPTY : of({ kind: 'waiting', ms: pause });
    };

    return defer(() => {
      attempt += 1;
      const number = attempt;
      const begun = scheduler.now();
      let failed = true;
      const ended$ = new Subject<void>();
      const sick$ = new Subject<RunStopReason>();
      let error: RunError<RunResult<unknown>> | undefined;
      const life$ = settled(start(number), sick$, (given) => {
        error = given;
      }).pipe(
        tap({
          next: (event) => {
            if (event.kind === 'result') ({ failed } = event);
          },
          finalize: () => ended$.next(),
        }),
        map((event) => asSupervised(event, number, error)),
        filter((event) => event !== undefined),
      );
      const watched$ =
        health === undefined
          ? EMPTY
          : unhealthy(health, scheduler).pipe(
              takeUntil(ended$),
              switchMap(() => concat(of<SupervisorEvent>({ kind: 'unhealthy', attempt: number }), stopNow$)),
            );
      // Said first: what it does then is a consequence.
      const stopNow$ = defer(() => {
        sick$.next('unhealthy');
        return EMPTY;
      });
      return concat(
        merge(life$, watched$),
        defer(() => decide(scheduler.now() - begun, failed)),
      );
    }).pipe(repeat({ delay: () => (pause === undefined ? EMPTY : timer(pause, scheduler)) }));
  });
};

const asSupervised = (
  event: WorkEvent,
  attempt: number,
  error: RunError<RunResult<unknown>> | undefined,
): SupervisorEvent | undefined => {
  switch (event.kind) {
    case 'result':
      return { kind: 'ended', attempt, result: event, error: errorOf(event, error) };
    case 'exited':
      return undefined;
    default:
      return { ...event, attempt };
  }
};
