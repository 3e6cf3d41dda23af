/**
 * Attaches to a container that somebody else owns: processes are started in it and killed again, and the container is
 * left as it was.
 *
 * The invariant: nothing asked of an attached system ends the container. `shutdown` and `terminate` kill the processes
 * started through it, and `exit$` emits `ended` when they have exited. Their own children are left alone.
 */
import { AsyncSubject, defer, EMPTY, merge, race, tap } from 'rxjs';
import type { Act, ComputeProcess } from '../contract/compute-process.js';
import type { ComputeSystem, SystemExit } from '../contract/compute-system.js';
import { ignoreFailure } from './service/cleanup.js';
import type { WindowsSystem } from './system.js';

/** @example const task = await createTask({ id: 'job', system: attach(openContainer('web')), spec }); */
export const attach = (container: WindowsSystem): ComputeSystem => {
  const ended$ = new AsyncSubject<SystemExit>();
  const running = new Set<ComputeProcess>();
  let ending = false;

  const settleIfEmpty = (): void => {
    if (!ending || running.size > 0) return;
    ended$.next({ reason: 'ended' });
    ended$.complete();
  };

  const track = (process: ComputeProcess): void => {
    running.add(process);
    process.exit$.subscribe(() => {
      running.delete(process);
      // This is the first subscriber to the exit. setImmediate lets the others see the exit of the process before that
      // of the system.
      setImmediate(settleIfEmpty);
    });
  };

  const end = (): Act =>
    defer(() => {
      ending = true;
      setImmediate(settleIfEmpty);
      return running.size === 0
        ? EMPTY
        : merge(...[...running].map((process) => ignoreFailure(process.kill())));
    });

  return {
    ...container,
    exit$: race(ended$, container.exit$),
    createProcess: (parameters) => container.createProcess(parameters).pipe(tap(track)),
    start: () => container.properties(),
    shutdown: end,
    terminate: end,
  };
};
