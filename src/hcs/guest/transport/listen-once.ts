/**
 * Listens for a single connection: the first one is accepted, later ones are refused.
 */
import { createServer, type ListenOptions } from 'node:net';
import type { Duplex } from 'node:stream';
import { AsyncSubject, Observable } from 'rxjs';
import { listening, socketBuffer } from './listening.js';
import type { OfferedPort } from './transport.js';

/** Emits when it listens, and completes. Errors if it cannot. */
export const listenOnce = (at: ListenOptions): Observable<OfferedPort> =>
  new Observable((listener) => {
    const connection$ = new AsyncSubject<Duplex>();
    const server = createServer({ allowHalfOpen: true, highWaterMark: socketBuffer });
    let open = true;
    const close = (): void => {
      if (!open) return;
      open = false;
      server.close();
      connection$.complete();
    };
    server.on('connection', (socket) => {
      // The kernel may have accepted a second one before the listener was closed.
      if (!open) return void socket.destroy();
      connection$.next(socket);
      close();
    });
    listening(server, at, (error) => {
      if (error !== undefined) return listener.error(error);
      if (listener.closed) return close();
      server.on('error', (cause) => {
        connection$.error(cause);
        close();
      });
      listener.next({ connection$: connection$.asObservable(), close });
      listener.complete();
    });
  });
