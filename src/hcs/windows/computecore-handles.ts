/**
 * Handles of computecore.dll: asked for, listened at, and closed again where nobody wants them any more.
 */
import { catchError, concat, defer, EMPTY, type Observable, throwError } from 'rxjs';
import type { Watched } from './hcs-api.js';
import type { Listeners } from './listeners.js';
import { type NoticeBoard, noticeBoard } from './notices.js';
import { orUndo, settled } from './opened.js';
import type { Operate, Operation } from './operations.js';
import { type Resource, resource } from './resource.js';
import type { Service } from './service-call.js';

type Kind = 'ComputeSystem' | 'Process';

export interface HandleParts {
  readonly service: Service;
  readonly operate: Operate;
  readonly boards: Listeners<NoticeBoard>;
  /** For questions about what was made, in milliseconds. */
  readonly timeout: number;
}

export const handles = ({ service: { call }, operate, boards, timeout }: HandleParts) => {
  const closing = (kind: Kind) => (handle: number) =>
    call({ name: `HcsClose${kind}`, args: [handle], hasDocument: false });

  const bare = (kind: Kind, handle: number): Resource => resource(handle, closing(kind));

  /** A call with a handle as its answer, which takes no time. */
  const open = (
    kind: Kind,
    asked: { readonly name: string; readonly on?: readonly Resource[]; readonly args: readonly unknown[] },
  ): Observable<number> =>
    defer(() => {
      const slot = new BigUint64Array(1);
      const handle = () => Number(slot[0]);
      return call({
        ...asked,
        args: [...asked.args, slot],
        hasDocument: false,
        result: handle,
        unwanted: () => bare(kind, handle()).close().subscribe(),
      });
    });

  /** An operation with a handle as its answer. */
  const make = (
    kind: Kind,
    asked: Pick<Operation<number>, 'name' | 'on' | 'timeout' | 'info'> & {
      readonly args: (operation: number, slot: BigUint64Array) => readonly unknown[];
      /** What to do with the rest of its answer when nobody waits any more. */
      readonly discard?: () => void;
    },
  ): Observable<number> =>
    defer(() => {
      const slot = new BigUint64Array(1);
      const handle = () => Number(slot[0]);
      const close = () => (handle() === 0 ? EMPTY : bare(kind, handle()).close());
      return operate({
        ...asked,
        args: (operation) => asked.args(operation, slot),
        result: handle,
        unwanted: () => {
          asked.discard?.();
          close().subscribe();
        },
      }).pipe(asked.info ? catchError((error) => recovered(handle(), asked.info!, error)) : orUndo(close));
    });

  /** What failed to tell of a process may have made it all the same: then it can still be asked about. */
  const recovered = (handle: number, info: DataView, error: unknown): Observable<number> => {
    if (handle === 0) return throwError(() => error);
    const process = bare('Process', handle);
    const args = (operation: number) => [operation];
    return operate({
      name: 'HcsGetProcessInfo',
      on: [process],
      args,
      timeout,
      info,
      result: () => handle,
    }).pipe(
      catchError(() => throwError(() => error)),
      orUndo(process.close),
    );
  };

  /** Has the handle's events told to a board. The handle is closed where that fails. */
  const watch = (kind: Kind, handle: number): Observable<Watched> =>
    defer(() => {
      const notices = noticeBoard();
      const number = boards.add(notices);
      const name = `HcsSet${kind}Callback`;
      let registered = false;
      const unregister = defer(() =>
        registered ? call({ name, args: [handle, 0, 0, null], hasDocument: false }) : EMPTY,
      );
      const forget = defer(() => {
        boards.remove(number);
        return EMPTY;
      });
      const close = () => concat(settled(unregister), forget, closing(kind)(handle));
      const watched: Watched = Object.assign(resource(handle, close, notices.close), { notices });
      const register = () => {
        registered = true;
        return watched;
      };
      return call({
        name,
        on: [watched],
        args: [0, number, boards.callback],
        hasDocument: false,
        result: register,
        unwanted: register,
      }).pipe(orUndo(watched.close));
    });

  return { bare, open, make, watch };
};
