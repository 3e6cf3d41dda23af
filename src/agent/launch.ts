/**
 * A process for the host: its connections are dialled, in order, before it is made; it is told when all of them stand.
 */
import type { Duplex } from 'node:stream';
import {
  AsyncSubject,
  catchError,
  concatMap,
  defer,
  from,
  map,
  type Observable,
  throwError,
  toArray,
} from 'rxjs';
import type { ComputeProcess } from '../hcs/contract/compute-process.js';
import { statusOf } from '../hcs/contract/exit-code.js';
import type { ProcessParameters } from '../hcs/contract/process-parameters.js';
import { messageOf } from '../hcs/failures/errors.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';
import type { StdioPorts } from '../hcs/guest/protocol/messages.js';
import type { Dial } from './dialer.js';
import { quietly } from './end-system.js';
import { GuestError } from './guest-error.js';
import type { GuestProcess } from './process-table.js';
import { type Connections, type RelayOptions, stdioRelay } from './stdio-relay.js';

/** Which streams of a process the host wants. */
export type Pipes = Pick<ProcessParameters, 'CreateStdInPipe' | 'CreateStdOutPipe' | 'CreateStdErrPipe'>;

export interface Launch extends RelayOptions {
  readonly pipes: Pipes;
  readonly ports: StdioPorts;
  /** Makes the process, or lets one go on that was made before. */
  readonly make: () => Observable<ComputeProcess>;
  readonly dial: Dial;
  /** What the host is told of an end by a signal. */
  readonly codeOf?: typeof statusOf;
}

/** Emits the process when it runs. Whatever fails leaves nothing open. */
export const launch = ({
  pipes,
  ports,
  make,
  dial,
  codeOf = statusOf,
  ...relay
}: Launch): Observable<GuestProcess> =>
  dialled(pipes, ports, dial).pipe(
    concatMap((connections) =>
      defer(make).pipe(
        map((process) => running(process, connections, relay, codeOf)),
        catchError((error) => {
          closeAll(connections);
          return throwError(() => error);
        }),
      ),
    ),
  );

const running = (
  process: ComputeProcess,
  connections: Connections,
  options: RelayOptions,
  codeOf: typeof statusOf,
): GuestProcess => {
  const relay = stdioRelay(process, connections, options);
  const exit$ = new AsyncSubject<number>();
  process.exit$.subscribe({
    next: (exit) => {
      relay.endInput();
      relay.done$.subscribe({
        complete: () => {
          quietly(() => process.close()).subscribe();
          exit$.next(codeOf(exit));
          exit$.complete();
        },
      });
    },
    error: () => {
      relay.close();
      exit$.next(codeOf({ kind: 'unknown', reason: 'its end could not be learnt' }));
      exit$.complete();
    },
  });
  return { process, terminal: options.terminal, exit$, close: relay.close };
};

const streams = [
  ['StdIn', 'stdin', 'CreateStdInPipe'],
  ['StdOut', 'stdout', 'CreateStdOutPipe'],
  ['StdErr', 'stderr', 'CreateStdErrPipe'],
] as const;

/** One after the other: hosts take the order for granted. */
const dialled = (pipes: Pipes, ports: StdioPorts, dial: Dial): Observable<Connections> =>
  defer(() => {
    const made: Record<string, Duplex> = {};
    return from(streams.filter(([, , flag]) => pipes[flag])).pipe(
      concatMap(([port, name]) =>
        dial(ports[port] ?? 0).pipe(
          map((socket) => {
            made[name] = socket;
          }),
          catchError((cause) =>
            throwError(
              () =>
                new GuestError(
                  hresults.fail,
                  `failed creating ${name} Connection: ${messageOf(cause)}`,
                  cause,
                ),
            ),
          ),
        ),
      ),
      toArray(),
      map((): Connections => made),
      catchError((error) => {
        closeAll(made);
        return throwError(() => error);
      }),
    );
  });

const closeAll = (connections: Connections): void => {
  for (const socket of Object.values(connections)) (socket as Duplex).destroy();
};
