/**
 * A job queue: commands that run beside each other, so many at a time, each for so long at the most.
 *
 * Every job is an exec of one task. Whatever happens to a job is a value of the stream, so that one that fails does not
 * end the queue.
 */
import {
  catchError,
  concat,
  defaultIfEmpty,
  finalize,
  forkJoin,
  ignoreElements,
  map,
  mergeMap,
  type Observable,
  type OperatorFunction,
  of,
  type SchedulerLike,
  switchMap,
  takeUntil,
  timer,
} from 'rxjs';
import type { Exec, Task } from 'rxshim';

export interface Job {
  readonly id: string;
  readonly args: readonly string[];
}

export interface JobResult {
  readonly id: string;
  readonly outcome: 'done' | 'failed' | 'timed out' | 'not started';
  /** As a shell would tell it. */
  readonly status: number;
}

export interface QueueOptions {
  readonly concurrency: number;
  /** From the start of the process, in milliseconds. */
  readonly timeout: number;
  /** How long a job that is out of time may take to end by itself. */
  readonly grace: number;
  readonly scheduler: SchedulerLike;
}

export const jobQueue = (task: Task, options: QueueOptions): OperatorFunction<Job, JobResult> =>
  mergeMap((job) => runJob(task, job, options), options.concurrency);

const runJob = (task: Task, { id, args }: Job, options: QueueOptions): Observable<JobResult> =>
  task.createExec({ id, spec: { args } }).pipe(
    switchMap((exec) =>
      concat(exec.start().pipe(ignoreElements()), ended(exec, options)).pipe(
        catchError(() =>
          exec.wait().pipe(map(({ status }): JobResult => ({ id, outcome: 'not started', status }))),
        ),
        // A task remembers its execs until they are deleted.
        finalize(() => task.delete(id).subscribe({ error: () => undefined })),
      ),
    ),
  );

const ended = (exec: Exec, options: QueueOptions): Observable<JobResult> =>
  forkJoin([exec.wait(), overtime(exec, options)]).pipe(
    map(([{ status }, timedOut]) => {
      const outcome = timedOut ? 'timed out' : status === 0 ? 'done' : 'failed';
      return { id: exec.id, outcome, status };
    }),
  );

/** Whether it had to be stopped. */
const overtime = (exec: Exec, { timeout, grace, scheduler }: QueueOptions): Observable<boolean> =>
  timer(timeout, scheduler).pipe(
    takeUntil(exec.exit$),
    switchMap(() => exec.stop({ grace })),
    // What ended at the same instant was not stopped.
    mergeMap(({ by }) => of(by !== 'itself')),
    defaultIfEmpty(false),
  );
