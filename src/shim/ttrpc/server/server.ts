/**
 * The server of ttrpc: services on one side, connections on the other.
 *
 * The caller decides where connections come from (a socket, a net.Server, a descriptor that already listens), and who may
 * connect. The server ends no process and removes no file.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, systemClock } from '../clock.js';
import { TtrpcError } from '../ttrpc-error.js';
import type { CallScope } from './call.js';
import { type ServerConnection, serveConnection } from './connection.js';
import type { ServedMethod, Service } from './service.js';

export interface TtrpcServerOptions {
  readonly services: readonly Service[];
  /** Whether a peer may call at all; nothing of it is read before. A refused one is disconnected. */
  readonly admit?: (socket: Socket) => boolean | Promise<boolean>;
  /** How many calls of one connection may be in flight at a time. 16384 when absent. */
  readonly maxCalls?: number;
  /** For the deadlines of calls. */
  readonly clock?: Clock;
  /** Runs what each call begins. */
  readonly scope?: CallScope;
  /** Called with the errors of connections. */
  readonly log?: (message: string, error?: unknown) => void;
}

export interface TtrpcServer {
  /** Serves one connection. */
  attach(socket: Socket): void;
  /** Serves what connects to `listener`: a server of node's, or the descriptor of a listening socket. */
  listen(listener: Server | { readonly fd: number }): Server;
  /** How many connections there are. */
  readonly connections: number;
  /**
   * Stops: accepts nothing more, lets the calls in flight be answered for `within` milliseconds (5000 when absent), then
   * aborts what is left. Resolves when every connection is closed. Not to be awaited within a call, which it waits for.
   */
  close(options?: { readonly within?: number }): Promise<void>;
}

/**
 * @example
 * const server = ttrpcServer({ services: [service(TaskDefinition, task)] });
 * server.listen(net.createServer().listen('/run/task.sock'));
 */
export const ttrpcServer = ({
  services,
  admit = () => true,
  maxCalls = 16_384,
  clock = systemClock,
  scope,
  log = () => {},
}: TtrpcServerOptions): TtrpcServer => {
  const served = new Map(services.map((service) => [service.fullName, service]));
  const listeners = new Set<Server>();
  // A connection is undefined while it waits to be admitted.
  const sockets = new Map<Socket, ServerConnection | undefined>();
  let closing: Promise<void> | undefined;
  let emptied = (): void => {};

  const find = (service: string, method: string): ServedMethod => {
    const known = served.get(service);
    const found = known?.methods.get(method);
    if (found !== undefined) return found;
    const missing = known === undefined ? `service ${service}` : `method ${service}/${method}`;
    throw new TtrpcError('notImplemented', `${missing}: not implemented`);
  };

  const refuse = (socket: Socket, why: string, error?: unknown): void => {
    log(why, error);
    socket.destroy();
  };
  const accept = (socket: Socket): void => {
    if (socket.destroyed) return;
    sockets.set(socket, serveConnection(socket, { find, maxCalls, clock, scope, log }));
  };

  const attach = (socket: Socket): void => {
    if (closing !== undefined) return refuse(socket, 'refused a connection: the server is stopping');
    sockets.set(socket, undefined);
    const ignored = (): void => {};
    socket.on('error', ignored);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) emptied();
    });
    const decide = (admitted: boolean): void => {
      if (admitted) accept(socket);
      else refuse(socket, 'refused a connection');
    };
    const failed = (error: unknown): void => refuse(socket, 'could not tell who connects', error);
    try {
      const admitted = admit(socket);
      if (typeof admitted === 'boolean') decide(admitted);
      else admitted.then(decide).catch(failed);
    } catch (error) {
      failed(error);
    }
  };

  /** A connection that cannot be accepted, for lack of descriptors, must not end the accepted ones. */
  const listenOn = (fd: number): Server =>
    createServer()
      .on('error', (error) => log('failed to accept a connection', error))
      .listen({ fd });

  const listen = (listener: Server | { readonly fd: number }): Server => {
    const server = 'fd' in listener ? listenOn(listener.fd) : listener;
    listeners.add(server);
    server.on('connection', attach);
    server.on('close', () => listeners.delete(server));
    return server;
  };

  const stop = async (within: number): Promise<void> => {
    for (const listener of listeners) listener.close();
    if (sockets.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      emptied = resolve;
    });
    for (const [socket, connection] of sockets) {
      if (connection === undefined) socket.destroy();
      else connection.drain();
    }
    const stopTimer = clock.after(within, () => {
      for (const connection of sockets.values()) connection?.cut();
    });
    await empty;
    stopTimer();
  };

  return {
    attach,
    listen,
    get connections() {
      return sockets.size;
    },
    close: ({ within = 5_000 } = {}) => {
      closing ??= stop(within);
      return closing;
    },
  };
};
