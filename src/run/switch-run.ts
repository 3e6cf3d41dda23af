/**
 * `switchMap` for work that must be gone before the next may start: a server that holds a port, a job that holds a lock.
 */
import { Observable, type OperatorFunction, type Subscription } from 'rxjs';
import type { Begun, Stoppable } from './stoppable.js';

/**
 * Runs the work that `project` returns for the latest value. When another value comes, the running work is stopped by its
 * stop policy, and the next starts only when nothing is left of its tree. Only the last of the values that come meanwhile
 * is run.
 *
 * Stopped work emits no more. A command that fails by itself ends the whole with its error, as in `switchMap`.
 * Unsubscribing stops the running work.
 *
 * @example
 * saves$.pipe(switchRun(() => run(local(), ['node', 'server.js']))).subscribe();
 */
export const switchRun =
  <V, E>(project: (value: V, index: number) => Stoppable<E, unknown>): OperatorFunction<V, E> =>
  (source) =>
    new Observable((listener) => {
      let index = 0;
      let current: Begun | undefined;
      let next: { readonly value: V } | undefined;
      let sourceDone = false;

      const completeIfDone = (): void => {
        if (sourceDone && current === undefined && next === undefined) listener.complete();
      };
      const startNext = (): void => {
        if (current !== undefined || next === undefined || listener.closed) return;
        const { value } = next;
        next = undefined;
        let stoppable: Stoppable<E, unknown>;
        try {
          stoppable = project(value, index++);
        } catch (error) {
          listener.error(error);
          return;
        }
        let stopping = false;
        const begun = stoppable.begin({
          next: (event) => {
            if (!stopping) listener.next(event);
          },
          error: (error) => {
            if (!stopping) listener.error(error);
          },
          complete: () => undefined,
        });
        current = {
          stop: () => {
            stopping = true;
            begun.stop();
          },
        };
        begun.gone$.subscribe({
          complete: () => {
            current = undefined;
            startNext();
            completeIfDone();
          },
        });
      };

      const values: Subscription = source.subscribe({
        next: (value) => {
          next = { value };
          if (current === undefined) startNext();
          else current.stop();
        },
        error: (error) => listener.error(error),
        complete: () => {
          sourceDone = true;
          completeIfDone();
        },
      });
      return () => {
        values.unsubscribe();
        next = undefined;
        current?.stop();
      };
    });
