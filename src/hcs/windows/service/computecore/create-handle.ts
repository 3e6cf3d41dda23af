/**
 * Operations of computecore.dll that return a handle.
 */
import { catchError, defer, EMPTY, type Observable, throwError } from 'rxjs';
import { undoOnError } from '../cleanup.js';
import type { handles, Kind } from '../handles.js';
import type { Operate, Operation } from './operations.js';

type CreateOperation = Pick<Operation<number>, 'name' | 'on' | 'timeout' | 'info'> & {
  readonly args: (operation: number, slot: BigUint64Array) => readonly unknown[];
  /** Releases what else the operation has returned, if the caller has unsubscribed. */
  readonly discard?: () => void;
};

export interface CreateParts {
  readonly operate: Operate;
  readonly bare: ReturnType<typeof handles>['bare'];
  /** For a second attempt to read what was created, in milliseconds. */
  readonly timeout: number;
}

export const createHandle = ({ operate, bare, timeout }: CreateParts) => {
  /** A failed operation may have created the process all the same. Then its info is requested once more. */
  const recovered = (handle: number, info: DataView, error: unknown): Observable<number> => {
    if (handle === 0) return throwError(() => error);
    const process = bare('Process', handle);
    return operate({
      name: 'HcsGetProcessInfo',
      on: [process],
      args: (operation) => [operation],
      timeout,
      info,
      result: () => handle,
    }).pipe(
      catchError(() => throwError(() => error)),
      undoOnError(process.close),
    );
  };

  return (kind: Kind, { discard, ...asked }: CreateOperation): Observable<number> =>
    defer(() => {
      const slot = new BigUint64Array(1);
      const handle = () => Number(slot[0]);
      const close = () => (handle() === 0 ? EMPTY : bare(kind, handle()).close());
      const { info } = asked;
      return operate({
        ...asked,
        args: (operation) => asked.args(operation, slot),
        result: handle,
        onUnwanted: () => {
          discard?.();
          close().subscribe();
        },
      }).pipe(info ? catchError((error) => recovered(handle(), info, error)) : undoOnError(close));
    });
};
