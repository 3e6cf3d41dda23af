/**
 * A runtime that knows which of its commands may hold the container's processes frozen at the moment.
 *
 * Where cgroups are of version 1, `runc kill --all` freezes the container while it signals its processes. The init may end before the
 * command does, and the runtime refuses to delete a container that is frozen.
 */
import {
  AsyncSubject,
  BehaviorSubject,
  defer,
  filter,
  finalize,
  ignoreElements,
  type Observable,
  take,
} from 'rxjs';
import type { CommandEnd, Runtime } from './runtime.js';

export interface ContainerRuntime extends Runtime {
  /** Completes when none of these commands runs. */
  readonly thawed$: Observable<never>;
}

const freezing: ReadonlySet<string | undefined> = new Set([
  'kill',
  'pause',
  'resume',
  'update',
  'checkpoint',
]);

/** @param runtime is used for one container */
export const containerRuntime = (runtime: Runtime): ContainerRuntime => {
  const running = new BehaviorSubject(0);
  return {
    name: runtime.name,
    run: (command) => {
      if (!freezing.has(command.args[0])) return runtime.run(command);
      return defer(() => {
        running.next(running.value + 1);
        // The command goes on when its caller leaves.
        const end$ = new AsyncSubject<CommandEnd>();
        runtime
          .run(command)
          .pipe(finalize(() => running.next(running.value - 1)))
          .subscribe(end$);
        return end$;
      });
    },
    thawed$: running.pipe(
      filter((count) => count === 0),
      take(1),
      ignoreElements(),
    ),
  };
};
