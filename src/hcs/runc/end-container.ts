/**
 * The ways to end a container, and to remove what is left of it.
 */
import { catchError, concat, defer, EMPTY, type Observable, of, shareReplay, tap } from 'rxjs';
import type { Delivery } from '../contract/compute-process.js';
import { invalid } from '../failures/errors.js';
import { lookForOrphans } from '../native/process/orphans.js';
import { order, orderDelete, orderKill } from './command/runtime-commands.js';
import type { Container } from './container-state.js';

/** A signal for the init, by way of the runtime. */
export const signalInit = (container: Container, signal: unknown): Observable<Delivery> =>
  defer(() => {
    if (!Number.isInteger(signal) || signal === 0) throw invalid('Signal', signal, 'the number of a signal');
    if (signal === 9) return endInit(container);
    return container.life.initEnded() ? of<Delivery>('notDelivered') : kill(container, signal as number);
  });

/** Without asking: the init of a container that is to end gets its SIGKILL, whatever the runtime makes of it. */
export const endInit = (container: Container): Observable<Delivery> =>
  defer(() => {
    const { life, config, paused, discard } = container;
    container.grace.deny();
    if (discard) {
      discard();
      return of<Delivery>('delivered');
    }
    if (life.initEnded()) return of<Delivery>('notDelivered');
    // The kernel keeps the init until every process in its namespace is reaped, those that nobody knows of too.
    lookForOrphans();
    const killed$ = kill(container, 9, config?.sharesPids ? ['--all'] : []).pipe(
      tap({ error: () => life.init()?.send(9) }),
    );
    // What is frozen dies only when it thaws; newer runtimes see to that themselves.
    return paused ? concat(killed$, thaw(container)) : killed$;
  });

export const signalAll = (container: Container, signal: number): Observable<Delivery> =>
  defer(() => {
    if (!Number.isInteger(signal) || signal < 1) throw invalid('signal', signal, 'the number of a signal');
    return kill(container, signal, ['--all']);
  });

/** Asks a running init; ends one that is held, which would not hear. */
export const shutDown = (container: Container): Observable<unknown> =>
  defer(() => {
    if (container.phase === 'new') return terminate(container);
    return container.phase === 'running' ? signalInit(container, 15) : endInit(container);
  });

export const terminate = (container: Container): Observable<unknown> =>
  defer(() => {
    container.ending = true;
    for (const stop of container.underWay) stop();
    if (container.phase === 'new') container.life.leave({ reason: 'ended' });
    const isThere = container.discard !== undefined || container.life.init() !== undefined;
    return isThere ? endInit(container) : EMPTY;
  });

/** Removes the container once, however often it is asked; again only where it has failed. */
export const deletionOf = (container: Container): (() => Observable<never>) => {
  const { runtime, settings } = container;
  let deletion: Observable<never> | undefined;
  return () => {
    deletion ??= orderDelete(runtime, settings.id).pipe(
      tap({ error: () => (deletion = undefined) }),
      shareReplay(),
    );
    return deletion;
  };
};

const kill = ({ runtime, settings }: Container, signal: number, options?: readonly string[]) =>
  orderKill(runtime, settings.id, signal, options);

const thaw = (container: Container): Observable<never> =>
  order(container.runtime, container.settings.id, 'resume').pipe(catchError(() => EMPTY));
