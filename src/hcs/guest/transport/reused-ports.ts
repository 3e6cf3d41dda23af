/**
 * Ports for the streams of execs that are offered again, as listening unix sockets: to create and remove the file of a socket
 * costs more than all messages of an exec.
 *
 * The invariant: a port is offered again only after its process has ended and the guest has ended the stream, so that no
 * agent connects to it any more for that process. A connection that was made meanwhile is dropped.
 */
import { closeSync } from 'node:fs';
import { AsyncSubject, map, type Observable, of } from 'rxjs';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import { acceptFrom } from '../../native/socket/unix-socket.js';
import { descriptorSocket } from '../stdio/descriptor-socket.js';
import type { StdioSocket } from '../stdio/stdio-socket.js';
import { removeSocket, tryToListen } from './listen-for-stdio.js';
import { listenOnce } from './listen-once.js';
import { asStdioPort, type NumberedPort, type OfferedStdioPort } from './transport.js';

/** How many sockets are held at most, for running processes and for later ones. Further ones are removed once used. */
const limit = 64;

export interface ReusedPorts {
  /** A port that is free again, or the next one. */
  offer(nextPort: () => number): Observable<NumberedPort>;
  /** Removes those that are free; the others are not offered again. */
  close(): void;
}

interface Listener {
  readonly number: number;
  readonly path: string;
  readonly fd: number;
}

export const reusedPorts = (pathOf: (port: number) => string): ReusedPorts => {
  let free: Listener[] = [];
  /** Free, or kept beside a connection. */
  let held = 0;

  const removeFree = (): void => {
    held -= free.length;
    for (const listener of free.splice(0)) remove(listener);
  };

  const port = (listener: Listener): OfferedStdioPort => {
    const connection$ = new AsyncSubject<StdioSocket>();
    const mine = free;
    let state: 'open' | 'kept' | 'over' = 'open';
    const close = (): void => {
      if (state === 'over') return;
      if (state === 'kept') held -= 1;
      // The guest may not reach the others either, for example if their files were removed.
      else removeFree();
      state = 'over';
      remove(listener);
      connection$.complete();
    };
    const accept = (): void => {
      if (state !== 'open') return;
      try {
        const fd = acceptFrom(listener.fd);
        if (fd === undefined) return void whenReady(listener.fd, 'read', accept);
        state = held < limit ? 'kept' : 'over';
        if (state === 'over') remove(listener);
        else held += 1;
        connection$.next(descriptorSocket(fd));
        connection$.complete();
      } catch (error) {
        connection$.error(error);
        close();
      }
    };
    const release = (): void => {
      if (state !== 'kept' || mine !== free) return close();
      state = 'over';
      free.push(listener);
    };
    return { connection$, accept, close, release };
  };

  const take = (): Listener | undefined => {
    for (let listener = free.pop(); listener !== undefined; listener = free.pop()) {
      held -= 1;
      if (isEmptied(listener)) return listener;
      remove(listener);
    }
    return undefined;
  };

  return {
    offer: (nextPort) => {
      const again = take();
      if (again !== undefined) return of({ number: again.number, port: port(again) });
      const number = nextPort();
      const path = pathOf(number);
      const fd = tryToListen(path);
      if (fd !== undefined) return of({ number, port: port({ number, path, fd }) });
      return listenOnce({ path }).pipe(map((offered) => ({ number, port: asStdioPort(offered) })));
    },
    close: () => {
      removeFree();
      free = [];
    },
  };
};

const remove = ({ fd, path }: Listener): void => {
  forget(fd);
  closeSync(fd);
  removeSocket(path);
};

/** Drops the connections that wait; false if the socket cannot be used any more. */
const isEmptied = ({ fd }: Listener): boolean => {
  try {
    for (let waiting = acceptFrom(fd); waiting !== undefined; waiting = acceptFrom(fd)) closeSync(waiting);
    return true;
  } catch {
    return false;
  }
};
