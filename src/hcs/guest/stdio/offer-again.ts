/**
 * Offers the output ports of processes again that were started over an earlier connection: an agent that keeps them dials
 * the same ports. It does not dial the port of an input.
 */
import { catchError, concatMap, from, map, type Observable, throwError, toArray } from 'rxjs';
import type { StdioPorts } from '../protocol/messages.js';
import type { GuestTransport } from '../transport/transport.js';
import { numberedPort, type OfferedStdio, offerPorts } from './offer-stdio.js';

export type { OfferedStdio };

/** All of them, or none after a failure. */
export const offerAgain = (
  transport: GuestTransport,
  all: readonly StdioPorts[],
): Observable<readonly OfferedStdio[]> => {
  const offered: OfferedStdio[] = [];
  return from(all).pipe(
    concatMap(({ StdOut, StdErr }) =>
      offerPorts([
        ...(StdOut === undefined ? [] : [['StdOut', () => numberedPort(transport, StdOut)] as const]),
        ...(StdErr === undefined ? [] : [['StdErr', () => numberedPort(transport, StdErr)] as const]),
      ]),
    ),
    map((streams) => {
      offered.push(streams);
      streams.accept();
      return streams;
    }),
    toArray(),
    catchError((error) => {
      for (const streams of offered) streams.close();
      return throwError(() => error);
    }),
  );
};

/** The stdio of a process without streams. */
export const noStdio: OfferedStdio = {
  ports: {},
  stdio: {},
  stdin: undefined,
  stdout: undefined,
  stderr: undefined,
  accept: () => undefined,
  finish: () => undefined,
  close: () => undefined,
};
