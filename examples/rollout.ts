/** A new version of a service takes over when its check has succeeded; the old one runs until then. */
import type { Observable, SchedulerLike } from 'rxjs';
import { run, type Task } from 'rxshim';
import { type RolloutEvent, readyWhen, rollout } from 'rxshim/orchestrate';

export interface Version {
  readonly name: string;
  readonly serve: readonly string[];
  readonly check: readonly string[];
}

export const rolledOut = (
  task: Task,
  versions$: Observable<Version>,
  scheduler: SchedulerLike,
): Observable<RolloutEvent<Version>> =>
  versions$.pipe(
    rollout(({ serve, check }) =>
      readyWhen(
        run(task, serve, { keepOutput: false, stop: { grace: 1_000 }, scheduler }),
        { check: () => run(task, check, { scheduler }) },
        { timeout: 1_500, scheduler },
      ),
    ),
  );
