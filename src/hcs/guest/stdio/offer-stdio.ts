/**
 * Offers the stdio ports of a process before the request, in the order in which the guest connects to them.
 *
 * Either all are open or none, so a failure needs no cleanup by the caller.
 */
import { catchError, concatMap, defer, from, map, type Observable, throwError, toArray } from 'rxjs';
import type { ProcessStdio } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import type { StdioPorts } from '../protocol/messages.js';
import { asStdioPort, type GuestTransport, type OfferedStdioPort } from '../transport/transport.js';
import { type PortSink, portSink } from './port-sink.js';
import { type PortSource, portSource } from './port-source.js';

export interface OfferedStdio {
  readonly ports: StdioPorts;
  readonly stdio: ProcessStdio;
  readonly stdin: PortSink | undefined;
  readonly stdout: PortSource | undefined;
  readonly stderr: PortSource | undefined;
  /** The guest has made the connections, or will make them. */
  accept(): void;
  close(): void;
}

/** @param nextPort allocates a port. */
export const offerStdio = (
  { CreateStdInPipe, CreateStdOutPipe, CreateStdErrPipe }: ProcessParameters,
  transport: GuestTransport,
  nextPort: () => number,
): Observable<OfferedStdio> =>
  defer(() => {
    const wanted: (readonly [keyof StdioPorts, number])[] = [];
    if (CreateStdInPipe) wanted.push(['StdIn', nextPort()]);
    if (CreateStdOutPipe) wanted.push(['StdOut', nextPort()]);
    if (CreateStdErrPipe) wanted.push(['StdErr', nextPort()]);
    return offerPorts(transport, wanted);
  });

export const offerPorts = (
  transport: GuestTransport,
  wanted: readonly (readonly [keyof StdioPorts, number])[],
): Observable<OfferedStdio> =>
  defer(() => {
    const offered: OfferedStdioPort[] = [];
    return from(wanted).pipe(
      concatMap(([name, number]) =>
        offerPort(transport, number).pipe(
          map((port) => {
            offered.push(port);
            return { name, number, port };
          }),
        ),
      ),
      toArray(),
      map(connected),
      catchError((error) => {
        for (const port of offered) port.close();
        return throwError(() => error);
      }),
    );
  });

const offerPort = (transport: GuestTransport, number: number): Observable<OfferedStdioPort> =>
  transport.offerStdio?.(number) ?? transport.offerPort(number).pipe(map(asStdioPort));

interface Named {
  readonly name: keyof StdioPorts;
  readonly number: number;
  readonly port: OfferedStdioPort;
}

const connected = (offered: readonly Named[]): OfferedStdio => {
  const port = (name: keyof StdioPorts) => offered.find((one) => one.name === name)?.port;
  const [stdinPort, stdoutPort, stderrPort] = [port('StdIn'), port('StdOut'), port('StdErr')];
  const stdin = stdinPort && portSink(stdinPort);
  const stdout = stdoutPort && portSource(stdoutPort);
  const stderr = stderrPort && portSource(stderrPort);
  return {
    ports: Object.fromEntries(offered.map(({ name, number }) => [name, number])),
    stdio: { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) },
    stdin,
    stdout,
    stderr,
    accept: () => {
      for (const { port } of offered) port.accept();
    },
    close: () => {
      for (const stream of [stdin, stdout, stderr]) stream?.close();
    },
  };
};
