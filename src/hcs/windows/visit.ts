/**
 * A visit to a container that is someone else's: processes are brought and taken away again, and the container is left
 * as it was found.
 *
 * The invariant: nothing asked of a visit ends the container. What is asked to end is the visit: the processes brought
 * are killed, and `exit$` tells "ended" when they are gone. What those started themselves stays.
 */
import { AsyncSubject, defer, EMPTY, merge, race, tap } from 'rxjs';
import type { Act, ComputeProcess } from '../contract/compute-process.js';
import type { ComputeSystem, SystemExit } from '../contract/compute-system.js';
import { settled } from './opened.js';
import type { WindowsSystem } from './system.js';

/** @example const task = await createTask({ id: 'visit', system: visit(openContainer('web')), spec }); */
export const visit = (container: WindowsSystem): ComputeSystem => {
  const ended$ = new AsyncSubject<SystemExit>();
  const running = new Set<ComputeProcess>();
  let ending = false;

  const leaveIfEmpty = (): void => {
    if (!ending || running.size > 0) return;
    ended$.next({ reason: 'ended' });
    ended$.complete();
  };

  const admit = (process: ComputeProcess): void => {
    running.add(process);
    process.exit$.subscribe(() => {
      running.delete(process);
      // This is the first subscriber: the others are to hear of the process before they hear of the visit.
      setImmediate(leaveIfEmpty);
    });
  };

  const end = (): Act =>
    defer(() => {
      ending = true;
      setImmediate(leaveIfEmpty);
      return running.size === 0 ? EMPTY : merge(...[...running].map((process) => settled(process.kill())));
    });

  return {
    ...container,
    exit$: race(ended$, container.exit$),
    createProcess: (parameters) => container.createProcess(parameters).pipe(tap(admit)),
    start: () => container.properties(),
    shutdown: end,
    terminate: end,
  };
};
