/**
 * One listening socket for all ports, on a unix path or TCP: for tests, and for guests without vsock.
 *
 * A plain socket has no vsock ports. So a connection starts with a line that names its port, as micro-VM monitors do in
 * the other direction: `CONNECT 1073741825` and a line feed. A port that is not offered, or is used already, closes the
 * connection.
 */
import { type AddressInfo, createServer, type ListenOptions, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AsyncSubject, defer, EMPTY, map, type Observable, switchMap } from 'rxjs';
import { invalid } from '../../failures/errors.js';
import { streamConnection } from '../bridge/connection.js';
import { bridgePort } from '../protocol/constants.js';
import { listening, socketBuffer } from './listening.js';
import { readPortLine } from './port-line.js';
import { requireSocketPath } from './socket-path.js';
import type { GuestTransport, OfferedPort } from './transport.js';
import { whileWaiting } from './while-waiting.js';

/** The address of the socket. TCP port 0 means any free port; the default host is loopback. */
export type SocketAddress = { readonly path: string } | { readonly host?: string; readonly port: number };

/** A guest that is reached by one socket. */
export interface OneSocket extends GuestTransport {
  /** Listens, emits the address, and completes. Waiting for the bridge listens as well. */
  listen(): Observable<SocketAddress>;
}

/**
 * @throws RxshimError `invalidArgument` for an address that cannot be.
 * @example connectGuest(oneSocket({ port: 7000 }))
 */
export const oneSocket = (address: SocketAddress): OneSocket => {
  const at = listenOptions(address);
  const offers = new Map<number, AsyncSubject<Duplex>>();
  const unannounced = new Set<Socket>();
  const listens$ = new AsyncSubject<SocketAddress>();
  const server = createServer({ allowHalfOpen: true, highWaterMark: socketBuffer });
  let state: 'idle' | 'open' | 'closed' = 'idle';

  server.on('connection', (socket) => {
    unannounced.add(socket);
    socket.once('close', () => unannounced.delete(socket));
    readPortLine(socket, (port) => {
      unannounced.delete(socket);
      const offer = offers.get(port);
      if (offer === undefined) return void socket.destroy();
      offers.delete(port);
      offer.next(socket);
      offer.complete();
    });
  });

  const listen = (): Observable<SocketAddress> =>
    defer(() => {
      if (state === 'idle') {
        state = 'open';
        listening(server, at, (error) => {
          if (error !== undefined) return listens$.error(error);
          if (state === 'closed') server.close();
          listens$.next(addressOf(address, server.address()));
          listens$.complete();
        });
      }
      return listens$;
    });

  const offerPort = (port: number): Observable<OfferedPort> =>
    listen().pipe(
      map(() => {
        const connection$ = new AsyncSubject<Duplex>();
        offers.set(port, connection$);
        const close = (): void => {
          if (offers.get(port) === connection$) offers.delete(port);
          connection$.complete();
        };
        return { connection$: connection$.asObservable(), close };
      }),
    );

  const close = (): void => {
    if (state === 'open') server.close();
    state = 'closed';
    for (const socket of unannounced) socket.destroy();
    for (const offer of offers.values()) offer.complete();
    offers.clear();
  };

  return {
    listen,
    openBridge: () =>
      offerPort(bridgePort).pipe(
        switchMap(whileWaiting),
        map((socket) => streamConnection(socket, socket)),
      ),
    offerPort,
    close: () =>
      defer(() => {
        close();
        return EMPTY;
      }),
  };
};

const listenOptions = (address: SocketAddress): ListenOptions => {
  if ('path' in address) {
    requireSocketPath('path', address.path);
    return { path: address.path };
  }
  const { host = '127.0.0.1', port } = address;
  if (!Number.isInteger(port) || port < 0 || port > 0xffff)
    throw invalid('port', port, 'a port from 0 to 65535');
  return { host, port };
};

const addressOf = (asked: SocketAddress, listens: AddressInfo | string | null): SocketAddress =>
  typeof listens === 'object' && listens !== null ? { host: listens.address, port: listens.port } : asked;
