/**
 * How an agent reaches its host: the counterpart of `hcs/guest/transport`.
 */
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Observable } from 'rxjs';
import { socketBuffer } from '../hcs/guest/transport/listening.js';
import type { SocketAddress } from '../hcs/guest/transport/one-socket.js';
import { portLine } from '../hcs/guest/transport/port-line.js';
import { requirePeer } from './access/peer.js';
import { requirePrivateDirectory } from './access/private-directory.js';

/** Connects to a port of the host: emits the connection and completes, or errors. */
export type Dial = (port: number) => Observable<Duplex>;

/** The users that may be at the other end of a unix socket. */
export interface DialOptions {
  /** The accepted users. Default: the user of this process, and root. */
  readonly uids?: readonly number[];
}

/**
 * Dials the unix sockets of a micro-VM monitor: port P is `<path>_P`. Errors with RxshimError `permissionDenied` if other
 * users can write to the directory, or the peer is not an accepted user.
 */
export const dialSockets = (path: string, access: DialOptions = {}): Dial =>
  unixDial((port) => `${path}_${port}`, access);

/** Dials one socket for all ports; see `one-socket.ts`. A unix socket is checked as by `dialSockets`. */
export const dialOneSocket = (address: SocketAddress, access: DialOptions = {}): Dial => {
  const greeting = (port: number) => (socket: Socket) => void socket.write(portLine(port));
  if ('path' in address) return unixDial(() => address.path, access, greeting);
  return (port) => dialled(() => connect({ host: '127.0.0.1', ...address, ...options }), greeting(port));
};

const unixDial =
  (
    pathOf: (port: number) => string,
    { uids }: DialOptions,
    greeting?: (port: number) => (socket: Socket) => void,
  ): Dial =>
  (port) => {
    const path = pathOf(port);
    const begin = (): Socket => {
      requirePrivateDirectory(path);
      return connect({ path, ...options });
    };
    return dialled(begin, (socket) => {
      requirePeer(socket, uids);
      greeting?.(port)(socket);
    });
  };

const options = { allowHalfOpen: true, highWaterMark: socketBuffer };

const dialled = (begin: () => Socket, greet?: (socket: Socket) => void): Observable<Duplex> =>
  new Observable((listener) => {
    const socket = begin();
    // An `error` event without a listener would be thrown. The new owner of the connection adds its own listener.
    socket.on('error', (error) => listener.error(error));
    socket.once('connect', () => {
      if (listener.closed) return;
      try {
        greet?.(socket);
      } catch (error) {
        socket.destroy();
        return listener.error(error);
      }
      listener.next(socket);
      listener.complete();
    });
    return () => {
      if (!socket.readyState.startsWith('open') || socket.connecting) socket.destroy();
    };
  });
