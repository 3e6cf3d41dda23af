/**
 * Offers the stdio ports of a process before the request, in the order in which the guest connects to them.
 *
 * Either all are open or none, so a failure needs no cleanup by the caller.
 */
import { defer, map, Observable } from 'rxjs';
import type { ProcessStdio } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import type { StdioPorts } from '../protocol/messages.js';
import { asStdioPort, type GuestTransport, type NumberedPort } from '../transport/transport.js';
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
  /**
   * No connection is expected any more.
   * @param hasExited whether the guest has reported the exit: it does not connect to the ports again.
   */
  finish(hasExited: boolean): void;
  close(): void;
}

/** Offers a port for a stream. */
export type Offer = () => Observable<NumberedPort>;

type StreamName = keyof StdioPorts;

/** @param nextPort allocates a port. */
export const offerStdio = (
  { OciProcess, CreateStdInPipe, CreateStdOutPipe, CreateStdErrPipe }: ProcessParameters,
  transport: GuestTransport,
  nextPort: () => number,
): Observable<OfferedStdio> =>
  defer(() => {
    // Agents may connect to the ports of an init again.
    const isExec = OciProcess !== undefined;
    const offer: Offer = () =>
      (isExec && transport.reuseStdio?.(nextPort)) || numberedPort(transport, nextPort());
    const wanted: (readonly [StreamName, Offer])[] = [];
    if (CreateStdInPipe) wanted.push(['StdIn', offer]);
    if (CreateStdOutPipe) wanted.push(['StdOut', offer]);
    if (CreateStdErrPipe) wanted.push(['StdErr', offer]);
    return offerPorts(wanted);
  });

/** One after the other. */
export const offerPorts = (wanted: readonly (readonly [StreamName, Offer])[]): Observable<OfferedStdio> =>
  new Observable((listener) => {
    const offered: Partial<Record<StreamName, NumberedPort>> = {};
    const offerFrom = (index: number): void => {
      const next = wanted[index];
      if (next === undefined) {
        listener.next(connected(offered));
        return listener.complete();
      }
      const [name, offer] = next;
      const offering = offer().subscribe({
        next: (port) => {
          offered[name] = port;
        },
        error: (error) => {
          for (const { port } of Object.values(offered)) port.close();
          listener.error(error);
        },
        complete: () => offerFrom(index + 1),
      });
      listener.add(offering);
    };
    offerFrom(0);
  });

/** The port with the given number. */
export const numberedPort = (transport: GuestTransport, number: number): Observable<NumberedPort> =>
  (transport.offerStdio?.(number) ?? transport.offerPort(number).pipe(map(asStdioPort))).pipe(
    map((port) => ({ number, port })),
  );

const connected = (offered: Readonly<Partial<Record<StreamName, NumberedPort>>>): OfferedStdio => {
  const { StdIn, StdOut, StdErr } = offered;
  const stdin = StdIn && portSink(StdIn.port);
  const stdout = StdOut && portSource(StdOut.port);
  const stderr = StdErr && portSource(StdErr.port);
  return {
    ports: {
      ...(StdIn && { StdIn: StdIn.number }),
      ...(StdOut && { StdOut: StdOut.number }),
      ...(StdErr && { StdErr: StdErr.number }),
    },
    stdio: { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) },
    stdin,
    stdout,
    stderr,
    accept: () => {
      StdIn?.port.accept();
      StdOut?.port.accept();
      StdErr?.port.accept();
    },
    finish: (hasExited) => {
      stdin?.finish(hasExited);
      stdout?.finish(hasExited);
      stderr?.finish(hasExited);
    },
    close: () => {
      stdin?.close();
      stdout?.close();
      stderr?.close();
    },
  };
};
