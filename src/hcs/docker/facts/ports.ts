/** Where a published port of a container can be reached. */
import { defer, from, map, type Observable } from 'rxjs';
import { RxshimError } from '../../failures/errors.js';
import { type Container, inspect } from '../container/container.js';

/** An address to connect to from this host. */
export interface PublishedPort {
  readonly host: string;
  readonly port: number;
}

/**
 * @param inside the port in the container: a number for TCP, or `53/udp`.
 * Errors with `notFound` for one that is not published, or is not yet, before the start.
 */
export const publishedPort = (container: Container, inside: number | string): Observable<PublishedPort> =>
  defer(() => from(inspect(container))).pipe(
    map(({ NetworkSettings }) => {
      const name = /\//.test(String(inside)) ? String(inside) : `${inside}/tcp`;
      const bindings = NetworkSettings?.Ports?.[name] ?? [];
      // Docker lists IPv4 and IPv6; the first that has a number.
      const found = bindings.find(({ HostPort }) => Number(HostPort) > 0);
      if (found === undefined)
        throw new RxshimError('notFound', `port ${name} of container ${container.name} is not published`);
      return { host: hostOf(container, found.HostIp), port: Number(found.HostPort) };
    }),
  );

/** A port that is published everywhere is reached where its daemon is. */
const hostOf = ({ api: { endpoint } }: Container, address: string): string => {
  const isAnywhere = ['', '0.0.0.0', '::'].includes(address);
  if (!isAnywhere) return address;
  return endpoint.kind === 'socket' ? '127.0.0.1' : endpoint.host;
};
