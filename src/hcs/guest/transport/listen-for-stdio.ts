/**
 * Listens at a unix path for a single connection without a `net.Server`: on Linux with native calls it costs a few system
 * calls. For a stream of a process nothing waits on the event loop, because the guest has connected when it answers.
 */
import { closeSync, unlinkSync } from 'node:fs';
import { AsyncSubject, defer, finalize, map, type Observable, of, switchMap } from 'rxjs';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import { acceptFrom, connectTo, listenAt } from '../../native/socket/unix-socket.js';
import { type BridgeConnection, streamConnection } from '../bridge/connection.js';
import { descriptorConnection } from '../bridge/descriptor-connection.js';
import { descriptorSocket } from '../stdio/descriptor-socket.js';
import { listenOnce } from './listen-once.js';
import { asStdioPort, type OfferedStdioPort } from './transport.js';
import { whileWaiting } from './while-waiting.js';

/** A guest dials a port once. */
const backlog = 1;

/** Listens when called. Where that is not possible by native calls, as `listenOnce`, which also reports why. */
export const listenForStdio = (path: string): Observable<OfferedStdioPort> => {
  const listener = tryToListen(path);
  if (listener === undefined) return listenOnce({ path }).pipe(map(asStdioPort));
  const { connection$, accept, close } = accepting(listener, path);
  return of({ connection$: connection$.pipe(map(descriptorSocket)), accept, close });
};

/** Listens when subscribed to, and emits the connection of the guest. Stops listening after it, and on unsubscribe. */
export const listenForBridge = (path: string): Observable<BridgeConnection> =>
  defer(() => {
    const listener = tryToListen(path);
    if (listener === undefined)
      return listenOnce({ path }).pipe(
        switchMap(whileWaiting),
        map((socket) => streamConnection(socket, socket)),
      );
    const { connection$, accept, close } = accepting(listener, path);
    accept();
    return connection$.pipe(map(descriptorConnection), finalize(close));
  });

/** A listening socket; `undefined` if the path is in use, and where there are no native calls. */
export const tryToListen = (path: string): number | undefined => {
  try {
    return listenAt(path, backlog);
  } catch (error) {
    return isInUse(error) && isDead(path) ? listenInstead(path) : undefined;
  }
};

const isInUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

/** Whether the owner of the socket has died. */
const isDead = (path: string): boolean => {
  try {
    closeSync(connectTo(path));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  }
};

const listenInstead = (path: string): number | undefined => {
  try {
    unlinkSync(path);
    return listenAt(path, backlog);
  } catch {
    return undefined;
  }
};

/** A listener for one connection, which is emitted as its descriptor. */
interface Accepting {
  readonly connection$: Observable<number>;
  accept(): void;
  close(): void;
}

const accepting = (listener: number, path: string): Accepting => {
  const connection$ = new AsyncSubject<number>();
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    forget(listener);
    closeSync(listener);
    removeSocket(path);
    connection$.complete();
  };
  const accept = (): void => {
    if (!open) return;
    try {
      const fd = acceptFrom(listener);
      if (fd === undefined) return void whenReady(listener, 'read', accept);
      connection$.next(fd);
    } catch (error) {
      connection$.error(error);
    }
    close();
  };
  return { connection$, accept, close };
};

/** Removes the file of a socket. */
export const removeSocket = (path: string): void => {
  try {
    unlinkSync(path);
  } catch {
    // Removed by another.
  }
};
