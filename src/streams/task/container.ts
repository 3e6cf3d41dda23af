/**
 * The container of a task where its system makes one before it is started, and removes what is left of it at the end.
 */
import { catchError, concat, defer, EMPTY, ignoreElements, Observable, of } from 'rxjs';
import type { Act, ComputeProcess } from '../../hcs/compute-process.js';
import { RxshimError } from '../../hcs/errors.js';
import { ask } from '../../operators/ask.js';
import { createInit } from '../exec/create-process.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import type { TaskOptions } from './task-interface.js';

/** The init before it is started: its stdio, and its process where there is one already. */
export interface CreatedInit {
  readonly upstream: UpstreamIo;
  readonly process?: ComputeProcess;
}

/**
 * Emits the init once. Where that fails, or nobody waits for it any longer, the upstream is closed, and a container
 * that comes into being all the same is ended and removed.
 */
export const createContainer = (options: TaskOptions, upstream: UpstreamIo): Observable<CreatedInit> => {
  const { system } = options;
  if (system.create === undefined) return of({ upstream });
  return new Observable((listener) => {
    const discard = (): void => void quietly(() => upstream.close()).subscribe();
    ask(
      () => created(options, upstream),
      (process) => {
        if (listener.closed) {
          undo(options).subscribe({ complete: discard });
          return;
        }
        listener.next({ upstream, process });
        listener.complete();
      },
      (error) => {
        discard();
        listener.error(error ?? new RxshimError('unknown', 'the system made no container and gave no error'));
      },
    );
  });
};

/** Completes when nothing of the container is left with its runtime. */
export const deleteContainer = ({ system }: TaskOptions): Observable<never> =>
  defer(() => system.delete?.() ?? EMPTY).pipe(ignoreElements());

const created = ({ system, spec }: TaskOptions, upstream: UpstreamIo): Observable<ComputeProcess> => {
  const description = spec === undefined ? { system, upstream } : { system, upstream, spec };
  return createInit(description);
};

const undo = (options: TaskOptions): Observable<never> => {
  const { system } = options;
  return concat(
    quietly(() => system.terminate()),
    quietly(() => system.exit$),
    quietly(() => system.close()),
    quietly(() => deleteContainer(options)),
  );
};

const quietly = (act: () => Act): Observable<never> =>
  defer(act).pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );
