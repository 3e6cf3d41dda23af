/**
 * The console socket: the runtime creates the terminal and sends its master descriptor over this socket (runc's
 * `--console-socket`).
 *
 * The invariant: every descriptor received is either given to the caller or closed.
 */
import { closeSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import { receiveDescriptor } from '../../native/descriptor/receive.js';

export interface ConsoleSocket {
  /** Calls back once, with the master or an error. The caller owns the master from then on. */
  master(done: (master: number | Error) => void): void;
  /** Closes the socket. The owner of the directory removes the socket file. */
  close(): void;
}

/**
 * How long to wait for the terminal after the runtime has ended, in milliseconds. containerd uses the same timeout.
 */
const timeout = 30_000;

export const consoleSocket = (path: string): ConsoleSocket => {
  let result: number | Error | undefined;
  let waiting: ((result: number | Error) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const sockets = new Set<Socket>();

  const close = (): void => {
    if (closed) return;
    closed = true;
    clearTimeout(timer);
    server.close();
    for (const socket of sockets) {
      forget(descriptorOf(socket));
      socket.destroy();
    }
    if (typeof result === 'number' && waiting === undefined) closeSync(result);
  };

  const settle = (settled: number | Error): void => {
    if (result !== undefined) {
      if (typeof settled === 'number') closeSync(settled);
      return;
    }
    result = settled;
    const done = waiting;
    if (done === undefined) return;
    close();
    done(settled);
  };

  const receive = (socket: Socket): void => {
    try {
      const master = receiveDescriptor(descriptorOf(socket));
      if (master !== undefined) return settle(master);
      whenReady(descriptorOf(socket), 'read', () => receive(socket));
    } catch (cause) {
      settle(noTerminal(messageOf(cause), cause));
    }
  };

  const server = createServer({ pauseOnConnect: true }, (socket) => {
    if (closed) return void socket.destroy();
    sockets.add(socket);
    socket.on('error', () => undefined);
    receive(socket);
  });
  server.on('error', (cause) => settle(noTerminal(messageOf(cause), cause)));
  // Exclusive, so that it listens at once even in a worker of a cluster.
  server.listen({ path, exclusive: true });

  return {
    master: (done) => {
      waiting = done;
      if (result !== undefined) {
        close();
        return done(result);
      }
      timer = setTimeout(() => settle(noTerminal(`nothing was sent within ${timeout / 1000} s`)), timeout);
    },
    close,
  };
};

const descriptorOf = (socket: Socket): number =>
  (socket as unknown as { _handle: { fd: number } })._handle.fd;

const noTerminal = (why: string, cause?: unknown): RxshimError =>
  new RxshimError('unavailable', `the OCI runtime gave no terminal: ${why}`, { cause });
