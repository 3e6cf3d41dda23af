/** Commands, two at a time, each for half a second at the most. */
import { from, type Observable, type SchedulerLike } from 'rxjs';
import { run, type Task } from 'rxshim';
import { type JobResult, pool } from 'rxshim/orchestrate';

type Argv = readonly string[];

export const jobQueue = (
  task: Task,
  commands: readonly Argv[],
  scheduler: SchedulerLike,
): Observable<JobResult<Argv>> =>
  from(commands).pipe(
    pool((argv) => run(task, argv, { stop: { grace: 500 }, scheduler }), {
      concurrency: 2,
      timeout: 500,
      scheduler,
    }),
  );
