/**
 * The container of a task: made before it is started where its system does that, ended, and what is left of it removed.
 *
 * Nothing here waits for ever but for a container to be made: who loses patience with that gives it up.
 */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  Observable,
  of,
  type SchedulerLike,
  throwError,
  timeout,
} from 'rxjs';
import type { Act, ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { RxshimError } from '../../hcs/failures/errors.js';
import { ask } from '../../operators/ask.js';
import { settledWithin } from '../../operators/settled-within.js';
import { containerExit } from '../exec/engine/container-exit.js';
import { createInit } from '../exec/engine/create-process.js';
import { type Logger, logTrouble } from '../log.js';
import type { Policies } from '../policies.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import type { TaskOptions } from './task-interface.js';

/** The container, and how long it may take to do what it is asked to. */
export interface Container {
  readonly system: ComputeSystem;
  readonly policies: Policies;
  readonly scheduler: SchedulerLike;
  readonly log?: Logger | undefined;
}

/** The init before it is started: its stdio, and its process where there is one already. */
export interface CreatedInit {
  readonly upstream: UpstreamIo;
  readonly process?: ComputeProcess;
}

/**
 * Emits the init once. Where that fails, or nobody waits for it any longer, the upstream is closed, and a container
 * that comes into being all the same is ended and removed.
 */
export const createContainer = (
  container: Container,
  { spec }: TaskOptions,
  upstream: UpstreamIo,
): Observable<CreatedInit> => {
  const { system } = container;
  if (system.create === undefined) return of({ upstream });
  const description = spec === undefined ? { system, upstream } : { system, upstream, spec };
  return new Observable((listener) => {
    const discard = (): void =>
      void step(container, () => upstream.close(), 'close', 'failed to close the upstream').subscribe();
    const failed = (error: unknown): void => {
      discard();
      listener.error(error ?? new RxshimError('unknown', 'the system made no container and gave no error'));
    };
    ask(
      () => createInit(description),
      (process) => {
        if (typeof process?.pid !== 'number') return failed(undefined);
        if (listener.closed) {
          concat(
            terminateContainer(container),
            step(container, () => process.close(), 'close', 'failed to close the process'),
            closeContainer(container),
            discardContainer(container),
          ).subscribe({ complete: discard });
          return;
        }
        listener.next({ upstream, process });
        listener.complete();
      },
      failed,
    );
  });
};

/** Asks first, tells then; nothing at all when the container is gone already. Completes whatever comes of it. */
export const endContainer = (container: Container): Observable<never> => {
  const { system } = container;
  return concat(
    unlessGone(
      system,
      step(container, () => system.shutdown(), 'close', 'failed to shut the container down'),
    ),
    unlessGone(
      system,
      step(container, () => gone(system), 'end', 'the container did not shut down in time'),
    ),
    terminateContainer(container),
  );
};

const terminateContainer = (container: Container): Observable<never> => {
  const { system } = container;
  return concat(
    unlessGone(
      system,
      step(container, () => system.terminate(), 'close', 'failed to terminate the container'),
    ),
    unlessGone(
      system,
      step(container, () => gone(system), 'end', 'the container did not end in time'),
    ),
  );
};

export const closeContainer = (container: Container): Observable<never> =>
  step(container, () => container.system.close(), 'close', 'failed to close the container');

/**
 * Completes when nothing of the container is left with its runtime. One that has not ended until now is told to once
 * more: what still runs cannot be removed.
 *
 * Errors with what the system says, or `unavailable` when that takes longer than a container may take to end.
 */
export const deleteContainer = (container: Container): Observable<never> =>
  defer(() =>
    container.system.delete === undefined ? EMPTY : concat(terminateContainer(container), removed(container)),
  );

/** For a container of which nobody has the task: there is nobody to tell that it could not be removed. */
export const discardContainer = (container: Container): Observable<never> =>
  removed(container).pipe(
    catchError((err) => {
      container.log?.warn({ err }, 'failed to remove the container of a task that was not made');
      return EMPTY;
    }),
  );

const removed = ({ system, policies, scheduler }: Container): Observable<never> =>
  defer(() => system.delete?.() ?? EMPTY).pipe(
    ignoreElements(),
    timeout({ first: policies.endTimeout, scheduler, with: () => throwError(tookTooLong) }),
  );

const tookTooLong = (): RxshimError => new RxshimError('unavailable', 'removing the container took too long');

/** Does something, waits for it within its bound, and goes on whatever comes of it. */
const step = (
  { policies, scheduler, log }: Container,
  act: () => Act,
  bound: 'close' | 'end',
  failing: string,
): Observable<never> =>
  settledWithin(act, policies[`${bound}Timeout`], scheduler, (trouble) => logTrouble(log, trouble, failing));

const gone = (system: ComputeSystem): Observable<undefined> => containerExit(system, () => undefined);

const unlessGone = (system: ComputeSystem, steps: Observable<never>): Observable<never> =>
  defer(() => {
    let over = false;
    gone(system)
      .subscribe(() => (over = true))
      .unsubscribe();
    return over ? EMPTY : steps;
  });
