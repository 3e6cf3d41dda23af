/**
 * Handles of systems and processes, for both libraries: opened, watched for notifications, and closed again when a later
 * step fails or the caller has unsubscribed meanwhile.
 */
import { concat, defer, EMPTY, map, type Observable, switchMap } from 'rxjs';
import type { ProcessInfo, Watched } from './api.js';
import type { Service, ServiceCall } from './call.js';
import type { Callback } from './callback.js';
import { closeIfUnwanted, ignoreFailure, undoOnError } from './cleanup.js';
import { type NotificationRegistry, notificationRegistry } from './notifications.js';
import { processInfoSlot, readProcessInfo } from './process-info.js';
import { type Resource, resource } from './resource.js';

export type Kind = 'ComputeSystem' | 'Process';

type NamedCall = Pick<ServiceCall<void>, 'name'> & { readonly args: readonly unknown[] };

type OpenCall = NamedCall &
  Pick<ServiceCall<void>, 'on' | 'mayPend'> & {
    /** Releases what else the call has returned, if the caller has unsubscribed. */
    readonly discard?: () => void;
  };

export interface HandleParts {
  readonly service: Service;
  readonly registries: Callback<NotificationRegistry>;
  /** The calls that register a handle for notifications, and unregister it. `register` gets the handle as well. */
  readonly callbackCalls: (
    kind: Kind,
    handle: number,
    number: number,
  ) => { readonly register: NamedCall; readonly unregister: () => NamedCall };
  /** Whether functions that open a handle return a result document. */
  readonly hasDocument: boolean;
  /** Closes the caller's ends of the pipes of a process that is not wanted. */
  readonly discard: (info: ProcessInfo) => void;
}

export const handles = ({
  service: { call },
  registries,
  callbackCalls,
  hasDocument,
  discard,
}: HandleParts) => {
  const closing = (kind: Kind) => (handle: number) =>
    call({ name: `HcsClose${kind}`, args: [handle], hasDocument: false });

  const bare = (kind: Kind, handle: number): Resource => resource(handle, closing(kind));

  /** A call that returns a handle. */
  const open = (
    kind: Kind,
    { discard: discardRest, ...asked }: OpenCall,
  ): Observable<{ readonly handle: number; readonly pending: boolean }> =>
    defer(() => {
      const slot = new BigUint64Array(1);
      const handle = () => Number(slot[0]);
      return call({
        ...asked,
        args: [...asked.args, slot],
        hasDocument,
        result: (pending) => ({ handle: handle(), pending }),
        onUnwanted: () => {
          discardRest?.();
          bare(kind, handle()).close().subscribe();
        },
      });
    });

  /** Registers the handle for notifications. If that fails, the handle is closed. */
  const watch = (kind: Kind, handle: number): Observable<Watched> =>
    defer(() => {
      const notifications = notificationRegistry();
      const number = registries.add(notifications);
      const { register, unregister } = callbackCalls(kind, handle, number);
      let registered = false;
      const unregistered = defer(() => (registered ? call({ ...unregister(), hasDocument: false }) : EMPTY));
      const forget = defer(() => {
        registries.remove(number);
        return EMPTY;
      });
      const close = () => concat(ignoreFailure(unregistered), forget, closing(kind)(handle));
      const watched: Watched = Object.assign(resource(handle, close, notifications.close), { notifications });
      const onRegistered = () => {
        registered = true;
        return watched;
      };
      return call({
        ...register,
        on: [watched],
        hasDocument: false,
        result: onRegistered,
        onUnwanted: onRegistered,
      }).pipe(undoOnError(watched.close));
    });

  const openWatched = (kind: Kind, asked: OpenCall): Observable<Watched> =>
    open(kind, asked).pipe(
      switchMap(({ handle }) => watch(kind, handle)),
      closeIfUnwanted((watched) => watched.close()),
    );

  const openUnwatched = (kind: Kind, asked: OpenCall): Observable<Resource> =>
    open(kind, asked).pipe(map(({ handle }) => bare(kind, handle)));

  /** Watches the process that `create` has created, whose pid and pipes it has written to `info`. */
  const createProcess = (
    create: (info: DataView, discardPipes: () => void) => Observable<number>,
  ): Observable<{ readonly process: Watched; readonly info: ProcessInfo }> =>
    defer(() => {
      const info = processInfoSlot();
      const discardPipes = () => discard(readProcessInfo(info));
      return create(info, discardPipes).pipe(
        switchMap((handle) =>
          watch('Process', handle).pipe(
            undoOnError(() => {
              discardPipes();
              return EMPTY;
            }),
          ),
        ),
        map((process) => ({ process, info: readProcessInfo(info) })),
        closeIfUnwanted(({ process }) => {
          discardPipes();
          return process.close();
        }),
      );
    });

  return { bare, open, watch, openWatched, openUnwatched, createProcess };
};
