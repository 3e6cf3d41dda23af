/**
 * How an agent reaches its host: the counterpart of `hcs/guest/transport`.
 */
import { closeSync, writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { defer, map, Observable, of } from 'rxjs';
import { type BridgeConnection, streamConnection } from '../hcs/guest/bridge/connection.js';
import { descriptorConnection } from '../hcs/guest/bridge/descriptor-connection.js';
import { bridgePort } from '../hcs/guest/protocol/constants.js';
import { descriptorSocket } from '../hcs/guest/stdio/descriptor-socket.js';
import { duplexSocket } from '../hcs/guest/stdio/duplex-socket.js';
import type { StdioSocket } from '../hcs/guest/stdio/stdio-socket.js';
import { socketBuffer } from '../hcs/guest/transport/listening.js';
import type { SocketAddress } from '../hcs/guest/transport/one-socket.js';
import { portLine } from '../hcs/guest/transport/port-line.js';
import { libc } from '../hcs/native/call/libc.js';
import { connectTo } from '../hcs/native/socket/unix-socket.js';
import { requirePeer, requirePeerOf } from './access/peer.js';
import { privateDirectoryCheck } from './access/private-directory.js';

/** Connects to a port of the host: emits the connection and completes, or errors. */
export interface Dial {
  (port: number): Observable<Duplex>;
  /** The same for a stream of a process, by a cheaper kind of connection. Absent: by a Duplex. @internal */
  readonly stdio?: (port: number) => Observable<StdioSocket>;
  /** The same for the bridge. @internal */
  readonly bridge?: () => Observable<BridgeConnection>;
}

/** Connects to the port of the bridge. */
export const dialBridge = (dial: Dial): Observable<BridgeConnection> => dial.bridge?.() ?? byStream(dial);

const byStream = (dial: Dial): Observable<BridgeConnection> =>
  dial(bridgePort).pipe(map((socket) => streamConnection(socket, socket)));

/** Connects to a port for a stream of a process. */
export const dialStdio = (dial: Dial, port: number): Observable<StdioSocket> =>
  dial.stdio?.(port) ?? dial(port).pipe(map(duplexSocket));

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
  if ('path' in address) return unixDial(() => address.path, access, portLine);
  // Requests and answers are short: each is sent at once.
  const tcp = { host: '127.0.0.1', noDelay: true, ...address, ...options };
  return (port) => dialled(() => connect(tcp), greeting(portLine(port)));
};

/** @param line what a connection to the port begins with. */
const unixDial = (
  pathOf: (port: number) => string,
  { uids }: DialOptions,
  line: (port: number) => string = () => '',
): Dial => {
  const requirePrivate = privateDirectoryCheck();
  const dial = (port: number): Observable<Duplex> => {
    const path = pathOf(port);
    const begin = (): Socket => {
      requirePrivate(path);
      return connect({ path, ...options });
    };
    const greet = greeting(line(port));
    return dialled(begin, (socket) => {
      requirePeer(socket, uids);
      greet(socket);
    });
  };
  const natively = (port: number): number => {
    const path = pathOf(port);
    requirePrivate(path);
    const fd = connectTo(path);
    try {
      requirePeerOf(fd, uids);
      // It fits into the empty buffer of a new connection.
      if (line(port) !== '') writeSync(fd, line(port));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return fd;
  };
  const stdio = (port: number): Observable<StdioSocket> =>
    defer(() =>
      hasNativeCalls() ? of(descriptorSocket(natively(port))) : dial(port).pipe(map(duplexSocket)),
    );
  const bridge = (): Observable<BridgeConnection> =>
    defer(() => (hasNativeCalls() ? of(descriptorConnection(natively(bridgePort))) : byStream(dial)));
  return Object.assign(dial, { stdio, bridge });
};

let native: boolean | undefined;

const hasNativeCalls = (): boolean => {
  if (native === undefined) {
    try {
      libc();
      native = true;
    } catch {
      native = false;
    }
  }
  return native;
};

const greeting = (line: string) => (socket: Socket) => {
  if (line !== '') socket.write(line);
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
