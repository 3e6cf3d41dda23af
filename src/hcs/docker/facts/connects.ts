/**
 * Whether the server behind a published port takes connections.
 *
 * A connection alone proves nothing: a daemon's proxy accepts it for a server that does not listen yet, and closes it when it
 * cannot pass it on. So it has to stay open or bring data. Where the daemon is on this host the kernel says whether a socket
 * of the container listens.
 */
import { connect } from 'node:net';
import { readProc } from '../../native/process/proc.js';
import type { Container } from '../container/container.js';
import { isOnThisHost } from '../container/on-this-host.js';
import type { PublishedPort } from './ports.js';

export const takesConnections = (
  container: Container,
  inside: number | string,
  { host, port }: PublishedPort,
): Promise<boolean> => {
  const listening = listens(container, Number.parseInt(String(inside), 10));
  return listening === false ? Promise.resolve(false) : connects(host, port, listening ? 0 : openFor);
};

/** In milliseconds: a proxy takes less to find out that nothing listens. */
const openFor = 300;

const connects = (host: string, port: number, ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (answer: boolean) => (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket
      .once('connect', () => {
        timer = setTimeout(settle(true), ms);
      })
      .once('data', settle(true))
      .once('end', settle(false))
      .once('error', settle(false));
  });

/** `undefined`: it is not known. */
const listens = (container: Container, port: number): boolean | undefined => {
  if (!isOnThisHost(container)) return undefined;
  const tables = ['tcp', 'tcp6'].map((table) =>
    readProc(`/proc/${container.details?.State.Pid}/net/${table}`),
  );
  if (tables[0] === undefined) return undefined;
  return tables.some((table = '') =>
    table.split('\n').some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return state === listenState && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
    }),
  );
};

const listenState = '0A';
