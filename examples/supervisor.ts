/** A program that is kept running, with pauses that grow as long as it keeps failing. */
import type { Observable, SchedulerLike } from 'rxjs';
import { run, type Task } from 'rxshim';
import { type SupervisorEvent, supervise } from 'rxshim/orchestrate';

export const supervisor = (
  task: Task,
  argv: readonly string[],
  scheduler: SchedulerLike,
): Observable<SupervisorEvent> =>
  supervise(() => run(task, argv, { keepOutput: false, scheduler }), {
    backoff: { first: 100, max: 1_000, jitter: 0 },
    steadyAfter: 5_000,
    scheduler,
  });
