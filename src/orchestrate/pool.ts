/** Runs a job for each value, with a concurrency limit, a timeout for each job, and retries. */
import {
  asyncScheduler,
  defer,
  EMPTY,
  filter,
  map,
  mergeMap,
  type Observable,
  type OperatorFunction,
  repeat,
  type SchedulerLike,
  Subject,
  takeLast,
  tap,
  timer,
} from 'rxjs';
import { invalid } from '../hcs/failures/errors.js';
import { refuseUnknown } from '../hcs/failures/refuse-unknown.js';
import type { RunError } from '../run/run-error.js';
import type { RunResult, RunStopReason } from '../run/run-interface.js';
import { requireFunction, requireObject } from '../streams/arguments.js';
import { requireTime } from '../streams/policies.js';
import { type Backoff, backoff } from './backoff.js';
import { errorOf, settled, type Work } from './settled.js';

/** Options of `pool`. */
export interface PoolOptions {
  /** How many run at a time. */
  readonly concurrency: number;
  /** Milliseconds from the start of a process after which it is stopped. Default: none. */
  readonly timeout?: number;
  /** How many times a failed job is run again. Default 0. Meanwhile it counts as one of those that run. */
  readonly retries?: number;
  /** The pauses before the retries. */
  readonly backoff?: Partial<Backoff>;
  readonly scheduler?: SchedulerLike;
  /** From 0 to 1, for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** The outcome of one job of a pool. */
export interface JobResult<J, T = unknown> {
  readonly job: J;
  readonly outcome: 'done' | 'failed' | 'timed out' | 'not started';
  /** How many times it was run. */
  readonly attempts: number;
  /** The result of the last attempt. */
  readonly result: RunResult<T>;
  /** Why the last attempt failed, with a message for a person. `undefined` if it is done. */
  readonly error: RunError<RunResult<T>> | undefined;
}

/**
 * Returns an operator that runs what `project` returns for each job, and emits how each ended, in the order of their ends.
 * A job that fails is a value, and does not end the others. Unsubscribing stops all that run.
 *
 * Errors with what `project` throws, and with what is no end of a command: options that cannot be, a task that is gone.
 *
 * @example
 * from(files).pipe(pool((file) => run(task, ['gzip', file]), { concurrency: 4, retries: 2 })).subscribe(console.log);
 */
export const pool = <J, T>(
  project: (job: J, attempt: number) => Work<T>,
  options: PoolOptions,
): OperatorFunction<J, JobResult<J, T>> => {
  requireFunction('project', project);
  requireObject('options', options);
  refuseUnknown('', options, ['concurrency', 'timeout', 'retries', 'backoff', 'scheduler', 'random']);
  const { concurrency, timeout, retries = 0, scheduler = asyncScheduler, random = Math.random } = options;
  if (!(concurrency >= 1)) throw invalid('concurrency', concurrency, 'a number from 1');
  if (!(retries >= 0)) throw invalid('retries', retries, 'a number from 0');
  if (timeout !== undefined) requireTime('timeout', timeout);
  const pauseAfter = backoff(options.backoff, random);

  const attemptAt = (job: J, attempts: number): Observable<JobResult<J, T>> => {
    const late$ = new Subject<RunStopReason>();
    let error: RunError<RunResult<T>> | undefined;
    let timing: { unsubscribe(): void } | undefined;
    return settled(project(job, attempts), late$, (given) => {
      error = given;
    }).pipe(
      tap({
        next: ({ kind }) => {
          if (kind === 'started' && timeout !== undefined)
            timing = timer(timeout, scheduler).subscribe(() => late$.next('timeout'));
        },
        finalize: () => timing?.unsubscribe(),
      }),
      filter((event) => event.kind === 'result'),
      map((result) => ({
        job,
        outcome: outcomeOf(result),
        attempts,
        result,
        error: errorOf(result, error, timeout),
      })),
    );
  };

  return mergeMap((job) => {
    let attempts = 0;
    let outcome: JobResult<J>['outcome'] | undefined;
    const attempt$ = defer(() => attemptAt(job, ++attempts)).pipe(
      tap((ended) => {
        ({ outcome } = ended);
      }),
    );
    const again = (): Observable<unknown> =>
      outcome === 'done' || attempts > retries ? EMPTY : timer(pauseAfter(attempts), scheduler);
    return attempt$.pipe(repeat({ delay: again }), takeLast(1));
  }, concurrency);
};

const outcomeOf = ({ failed, stopped, exit }: RunResult<unknown>): JobResult<unknown>['outcome'] => {
  if (!failed) return 'done';
  if (stopped?.reason === 'timeout') return 'timed out';
  return exit.kind === 'startFailed' ? 'not started' : 'failed';
};
