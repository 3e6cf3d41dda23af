/** The effects on a running container: shut it down, terminate it, wait for its end, close and remove it. */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  take,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { Act } from '../../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../../hcs/contract/compute-system.js';
import { RxshimError } from '../../../hcs/failures/errors.js';
import { immediateValue } from '../../../operators/immediate-value.js';
import { errorData } from '../../error-data.js';
import { containerExit } from '../../exec/engine/container-exit.js';
import { endDeadline, type Ports, step } from '../ports.js';
import type { Fact } from '../state/fact.js';
import type { State } from '../state/state.js';

export const shutDown = (ports: Ports): Observable<Fact> =>
  request(ports, () => ports.system.shutdown(), 'failed to shut the container down');

export const terminate = (ports: Ports): Observable<Fact> =>
  request(ports, () => ports.system.terminate(), 'failed to terminate the container');

/** A container that has ignored its termination cannot be removed. Some systems remove nothing. */
export const terminateLeftover = (ports: Ports): Observable<Fact> =>
  ports.system.delete === undefined ? of(containerGone(ports)) : terminate(ports);

/**
 * A container that is gone gets no request. If a request is not answered in time, nothing waits for its effect: the
 * deadline is now.
 */
const request = (ports: Ports, act: () => Act, failing: string): Observable<Fact> =>
  defer(() => {
    if (isGone(ports.system)) return of(containerGone(ports));
    let answered = false;
    const noting = () =>
      defer(act).pipe(tap({ error: () => (answered = true), complete: () => (answered = true) }));
    return concat(
      step(ports, noting, 'closeTimeout', failing),
      defer(() => {
        const deadline = answered ? endDeadline(ports) : ports.scheduler.now();
        return of<Fact>({ type: 'requested', deadline });
      }),
    );
  });

const containerGone = (ports: Ports): Fact => ({ type: 'containerGone', deadline: endDeadline(ports) });

export const awaitGone = (ports: Ports, { deadline }: State): Observable<Fact> => {
  const gone$ = containerExit(ports.system, () => containerGone(ports));
  return merge(gone$, timedOutAt(ports, deadline, 'the container did not end in time')).pipe(take(1));
};

/** Emits at the deadline; at once where it has passed, after a restore. */
export const timedOutAt = (ports: Ports, deadline: number | undefined, late: string): Observable<Fact> =>
  timer(untilDeadline(ports, deadline), ports.scheduler).pipe(
    map((): Fact => {
      ports.log?.warn({ err: 'no answer in time' }, late);
      return { type: 'timedOut', deadline: endDeadline(ports) };
    }),
  );

const untilDeadline = ({ scheduler }: Ports, deadline: number | undefined): number =>
  Math.max(0, (deadline ?? 0) - scheduler.now());

const isGone = (system: ComputeSystem): boolean =>
  immediateValue(containerExit(system, () => true)) !== undefined;

export const closeContainer = (ports: Ports): Observable<Fact> =>
  concat(closeSystem(ports), of<Fact>({ type: 'containerClosed' }));

export const closeSystem = (ports: Ports): Observable<never> =>
  step(ports, () => ports.system.close(), 'closeTimeout', 'failed to close the container');

/** Terminates a container and waits for its end, within the timeouts for both. */
export const terminated = (ports: Ports): Observable<never> =>
  concat(
    terminate(ports).pipe(ignoreElements()),
    defer(() =>
      isGone(ports.system) ? EMPTY : awaitGone(ports, { deadline: endDeadline(ports) } as State),
    ).pipe(ignoreElements()),
  );

export const remove = (ports: Ports): Observable<Fact> =>
  concat(removed(ports), of<Fact>({ type: 'removed' })).pipe(
    catchError((error) => of<Fact>({ type: 'removalFailed', error: errorData(error) })),
  );

/** Completes when nothing of the container is left with its runtime. Errors when that fails or takes too long. */
export const removed = ({ system, policies, scheduler }: Ports): Observable<never> =>
  defer(() => system.delete?.() ?? EMPTY).pipe(
    ignoreElements(),
    timeout({ first: policies.endTimeout, scheduler, with: () => throwError(tookTooLong) }),
  );

const tookTooLong = (): RxshimError => new RxshimError('unavailable', 'removing the container took too long');

/** Terminates the container of an init that outlives SIGKILL by the time that a container may take to end. */
export const awaitSurvivor = (ports: Ports, { survivorDeadline }: State): Observable<Fact> =>
  concat(
    timer(untilDeadline(ports, survivorDeadline), ports.scheduler).pipe(ignoreElements()),
    defer(() =>
      step(
        ports,
        () => ports.system.terminate(),
        'closeTimeout',
        'failed to terminate the container of an init that survived SIGKILL',
      ),
    ),
    of<Fact>({ type: 'survivorTerminated' }),
  );
