/** Waiting for a task: commands that must not begin before its container is gone and the exit of its init published. */
import { concat, defer, Observable } from 'rxjs';
import type { ExecOutcome } from '../../exec/interface.js';
import type { TaskLoop } from '../machine.js';
import { initOf } from '../ports.js';
import { isClosed } from '../state/lifecycle.js';

/** Completes when the task is closed. */
export const whenClosed = (task: TaskLoop): Observable<never> =>
  new Observable((listener) => {
    if (isClosed(task.state)) return listener.complete();
    return task.changes$.subscribe((state) => {
      if (isClosed(state)) listener.complete();
    });
  });

/** The outcome of the init, as soon as the task is closed. */
export const closed = (task: TaskLoop): Observable<ExecOutcome> =>
  concat(
    whenClosed(task),
    defer(() => initOf(task.ports).released$),
  );
