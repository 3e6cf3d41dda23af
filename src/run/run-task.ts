/**
 * A task for as long as it is wanted: created and started on subscription, stopped and deleted on unsubscription.
 */
import { concat, defer, from, type Observable, type ObservableInput, type Subscription } from 'rxjs';
import { requireSystem } from '../streams/arguments.js';
import type { StopOptions } from '../streams/exec/interface.js';
import { requireStop } from '../streams/exec/stop-options.js';
import type { Task, TaskOptions } from '../streams/task/interface.js';
import { createTask } from '../streams/task/task.js';
import { type Begin, Stoppable } from './stoppable.js';

/** Options of `runTask`. */
export interface RunTaskOptions extends TaskOptions {
  /** How it is stopped. Default: as `task.stop()` does. */
  readonly stop?: StopOptions;
}

/**
 * Returns an Observable that creates a task and starts its init for each subscriber, emits it, and completes when it has
 * ended and is deleted. Unsubscribing stops it at once, and the program stays alive until it is deleted.
 *
 * Without a `spec` the init only waits, with engines that can do that (`local()`).
 *
 * With `use`, the values of the Observable that it returns are emitted instead. When that completes or fails, the task is
 * stopped and deleted first; then comes the completion or the error. So it can be awaited, for the last value.
 *
 * @throws (as errors of the Observable) what `createTask` and `start` fail with.
 * @example
 * await runTask({ id: 'jobs', system: local() }, (task) => run(task, ['make', 'test']));
 */
export function runTask(options: RunTaskOptions): Observable<Task>;
export function runTask<T>(options: RunTaskOptions, use: (task: Task) => ObservableInput<T>): Stoppable<T, T>;
export function runTask<T>(
  options: RunTaskOptions,
  use?: (task: Task) => ObservableInput<T>,
): Observable<Task> | Stoppable<T, T> {
  return use === undefined
    ? new Stoppable<Task, Task>(beginTask(options, undefined), lastValue)
    : new Stoppable<T, T>(beginTask(options, use), lastValue);
}

const lastValue = <V>(value: V): { readonly value: V } => ({ value });

const beginTask =
  <V>(
    { stop: how = {}, ...options }: RunTaskOptions,
    use: ((task: Task) => ObservableInput<V>) | undefined,
  ): Begin<V> =>
  (observer, gone) => {
    let task: Task | undefined;
    let using: Subscription | undefined;
    let wanted = true;

    /** Ends all of it, once, and then reports the outcome. */
    const leave = (then: () => void): void => {
      if (!wanted) return;
      wanted = false;
      using?.unsubscribe();
      const finish = (): void => {
        then();
        gone();
      };
      if (task === undefined) finish();
      else concat(task.stop(how), task.delete()).subscribe({ error: finish, complete: finish });
    };
    const failed = (error: unknown): void => leave(() => observer.error(error));

    const started = (made: Task): void => {
      if (!wanted) return;
      if (use === undefined) {
        observer.next(made as V);
        made.closed$.subscribe(() => leave(() => observer.complete()));
        return;
      }
      using = defer(() => from(use(made))).subscribe({
        next: (value) => observer.next(value),
        error: failed,
        complete: () => leave(() => observer.complete()),
      });
      // It may have ended at once.
      if (!wanted) using.unsubscribe();
    };

    const creating = defer(() => {
      requireSystem('system', options.system);
      requireStop(how, options.system.signals);
      return createTask({ ...options, system: options.system.fresh?.() ?? options.system });
    }).subscribe({
      next: (made) => {
        task = made;
        made.init.start().subscribe({ error: failed, complete: () => started(made) });
      },
      error: failed,
    });
    return {
      stop: () => {
        // The task itself undoes a creation in progress.
        if (task === undefined) creating.unsubscribe();
        leave(() => undefined);
      },
    };
  };
