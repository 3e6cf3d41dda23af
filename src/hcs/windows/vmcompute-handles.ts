/**
 * Handles of vmcompute.dll: asked for, listened at, and closed again where nobody wants them any more.
 */
import { concat, defer, EMPTY, type Observable } from 'rxjs';
import type { Watched } from './hcs-api.js';
import type { Listeners } from './listeners.js';
import { type NoticeBoard, noticeBoard } from './notices.js';
import { orUndo, settled } from './opened.js';
import { type Resource, resource } from './resource.js';
import type { Service, ServiceCall } from './service-call.js';

type Kind = 'ComputeSystem' | 'Process';

export interface HandleParts {
  readonly service: Service;
  readonly boards: Listeners<NoticeBoard>;
}

export const handles = ({ service: { call }, boards }: HandleParts) => {
  const closing = (kind: Kind) => (handle: number) =>
    call({ name: `HcsClose${kind}`, args: [handle], hasDocument: false });

  const bare = (kind: Kind, handle: number): Resource => resource(handle, closing(kind));

  /** A call with a handle as its answer. */
  const open = (
    kind: Kind,
    asked: Pick<ServiceCall<void>, 'name' | 'on' | 'mayPend'> & {
      readonly args: readonly unknown[];
      /** What to do with the rest of its answer when nobody waits any more. */
      readonly discard?: () => void;
    },
  ): Observable<{ readonly handle: number; readonly pending: boolean }> =>
    defer(() => {
      const slot = new BigUint64Array(1);
      const handle = () => Number(slot[0]);
      return call({
        ...asked,
        args: [...asked.args, slot],
        result: (pending) => ({ handle: handle(), pending }),
        unwanted: () => {
          asked.discard?.();
          bare(kind, handle()).close().subscribe();
        },
      });
    });

  /** Has the handle's notices told to a board. The handle is closed where that fails. */
  const watch = (kind: Kind, handle: number): Observable<Watched> =>
    defer(() => {
      const notices = noticeBoard();
      const number = boards.add(notices);
      const registration = new BigUint64Array(1);
      const unregister = defer(() =>
        registration[0] === 0n
          ? EMPTY
          : call({
              name: `HcsUnregister${kind}Callback`,
              args: [Number(registration[0])],
              hasDocument: false,
            }),
      );
      const forget = defer(() => {
        boards.remove(number);
        return EMPTY;
      });
      const close = () => concat(settled(unregister), forget, closing(kind)(handle));
      const watched: Watched = Object.assign(resource(handle, close, notices.close), { notices });
      return call({
        name: `HcsRegister${kind}Callback`,
        on: [watched],
        args: [boards.callback, number, registration],
        hasDocument: false,
        result: () => watched,
      }).pipe(orUndo(watched.close));
    });

  return { bare, open, watch };
};
