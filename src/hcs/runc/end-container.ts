/**
 * Signals, terminates and deletes a container.
 */
import { catchError, concat, defer, EMPTY, type Observable, of, shareReplay, tap } from 'rxjs';
import type { Delivery } from '../contract/compute-process.js';
import { invalid } from '../failures/errors.js';
import { lookForOrphans } from '../native/process/descendants/orphans.js';
import { runcDelete, runcKill, runtimeCommand } from './command/runtime-commands.js';
import type { ContainerState } from './container-state.js';

/** Signals the init by `runc kill`. */
export const signalInit = (container: ContainerState, signal: unknown): Observable<Delivery> =>
  defer(() => {
    if (!Number.isInteger(signal) || signal === 0) throw invalid('Signal', signal, 'the number of a signal');
    if (signal === 9) return endInit(container);
    return container.tracker.initEnded() ? of<Delivery>('notDelivered') : kill(container, signal as number);
  });

/** Kills the init with SIGKILL; if the runtime fails to do it, by kill(2). */
export const endInit = (container: ContainerState): Observable<Delivery> =>
  defer(() => {
    const { tracker, config, paused, discard } = container;
    container.grace.cancel();
    if (discard) {
      discard();
      return of<Delivery>('delivered');
    }
    if (tracker.initEnded()) return of<Delivery>('notDelivered');
    // The kernel keeps the init as a zombie until every process in its pid namespace is reaped, including orphans that
    // are not tracked here.
    lookForOrphans();
    const killed$ = kill(container, 9, config?.sharesPids ? ['--all'] : []).pipe(
      tap({ error: () => tracker.init()?.send(9) }),
    );
    // A frozen process dies when it is thawed. Newer runtimes thaw by themselves.
    return paused ? concat(killed$, thaw(container)) : killed$;
  });

export const signalAll = (container: ContainerState, signal: number): Observable<Delivery> =>
  defer(() => {
    if (!Number.isInteger(signal) || signal < 1) throw invalid('signal', signal, 'the number of a signal');
    return kill(container, signal, ['--all']);
  });

/** Sends SIGTERM to a running init. Kills one that was created but not started: it would not handle the signal. */
export const shutDown = (container: ContainerState): Observable<unknown> =>
  defer(() => {
    if (container.phase === 'new') return terminate(container);
    return container.phase === 'running' ? signalInit(container, 15) : endInit(container);
  });

export const terminate = (container: ContainerState): Observable<unknown> =>
  defer(() => {
    container.terminating = true;
    for (const stop of container.inFlight) stop();
    if (container.phase === 'new') container.tracker.settle({ reason: 'ended' });
    const isThere = container.discard !== undefined || container.tracker.init() !== undefined;
    return isThere ? endInit(container) : EMPTY;
  });

/** Deletes the container once, however often it is called. A failed deletion may be repeated. */
export const deleteOnce = (container: ContainerState): (() => Observable<never>) => {
  const { runtime, settings, records } = container;
  let deletion: Observable<never> | undefined;
  return () => {
    deletion ??= concat(
      runtime.thawed$,
      runcDelete(runtime, settings.id),
      defer(() => {
        records?.remove();
        return EMPTY;
      }),
    ).pipe(tap({ error: () => (deletion = undefined) }), shareReplay());
    return deletion;
  };
};

const kill = ({ runtime, settings }: ContainerState, signal: number, options?: readonly string[]) =>
  runcKill(runtime, settings.id, signal, options);

const thaw = (container: ContainerState): Observable<never> =>
  runtimeCommand(container.runtime, container.settings.id, 'resume').pipe(catchError(() => EMPTY));
