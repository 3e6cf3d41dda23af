/**
 * How an agent reaches its host: the counterpart of `hcs/guest/transport`.
 */
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Observable } from 'rxjs';
import { socketBuffer } from '../hcs/guest/transport/listening.js';
import type { SocketAddress } from '../hcs/guest/transport/one-socket.js';
import { portLine } from '../hcs/guest/transport/port-line.js';

/** Connects to a port of the host: emits the connection and completes, or errors. */
export type Dial = (port: number) => Observable<Duplex>;

/** Dials the unix sockets of a micro-VM monitor: port P is `<path>_P`. */
export const dialSockets =
  (path: string): Dial =>
  (port) =>
    dialled(() => connect({ path: `${path}_${port}`, ...options }));

/** Dials one socket for all ports; see `one-socket.ts`. */
export const dialOneSocket =
  (address: SocketAddress): Dial =>
  (port) =>
    dialled(
      () => connect({ ...('path' in address ? address : { host: '127.0.0.1', ...address }), ...options }),
      (socket) => socket.write(portLine(port)),
    );

const options = { allowHalfOpen: true, highWaterMark: socketBuffer };

const dialled = (begin: () => Socket, greet?: (socket: Socket) => void): Observable<Duplex> =>
  new Observable((listener) => {
    const socket = begin();
    // An `error` event without a listener would be thrown. The new owner of the connection adds its own listener.
    socket.on('error', (error) => listener.error(error));
    socket.once('connect', () => {
      if (listener.closed) return;
      greet?.(socket);
      listener.next(socket);
      listener.complete();
    });
    return () => {
      if (!socket.readyState.startsWith('open') || socket.connecting) socket.destroy();
    };
  });
