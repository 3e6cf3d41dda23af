/**
 * Listens at a unix path for the single connection of one stream of a process, without a `net.Server`: on Linux with
 * native calls it costs a few system calls. Nothing waits for the connection on the event loop, because the guest has made it when it
 * answers.
 */
import { closeSync, unlinkSync } from 'node:fs';
import { AsyncSubject, map, type Observable, of } from 'rxjs';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import { acceptFrom, listenAt } from '../../native/socket/unix-socket.js';
import { descriptorSocket } from '../stdio/descriptor-socket.js';
import type { StdioSocket } from '../stdio/stdio-socket.js';
import { listenOnce } from './listen-once.js';
import { asStdioPort, type OfferedStdioPort } from './transport.js';

/** A guest dials a port once. */
const backlog = 1;

/** Listens when called. As `listenOnce`, which is used for a stale path and where there are no native calls. */
export const listenForStdio = (path: string): Observable<OfferedStdioPort> => {
  const listener = tryToListen(path);
  if (listener !== undefined) return of(accepting(listener, path));
  return listenOnce({ path }).pipe(map(asStdioPort));
};

/** A listening socket; `undefined` for a stale path, and where there are no native calls. */
export const tryToListen = (path: string): number | undefined => {
  try {
    return listenAt(path, backlog);
  } catch {
    return undefined;
  }
};

const accepting = (listener: number, path: string): OfferedStdioPort => {
  const connection$ = new AsyncSubject<StdioSocket>();
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
      connection$.next(descriptorSocket(fd));
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
