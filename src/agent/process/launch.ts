/**
 * Launches a process for the host: dials the stdio connections in order, creates the process, and answers when all are
 * connected.
 */
import { AsyncSubject, defer, Observable, type SchedulerLike } from 'rxjs';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import { statusOf } from '../../hcs/contract/exit-code.js';
import type { ProcessParameters } from '../../hcs/contract/process-parameters.js';
import { messageOf } from '../../hcs/failures/errors.js';
import { hresults } from '../../hcs/guest/protocol/hresults.js';
import type { StdioPorts } from '../../hcs/guest/protocol/messages.js';
import type { StdioSocket } from '../../hcs/guest/stdio/stdio-socket.js';
import { quietly } from '../container/end.js';
import { type Dial, dialStdio } from '../dialer.js';
import { AgentError } from '../error.js';
import type { Links } from '../links.js';
import { redialling } from './redial.js';
import { type Connections, type RelayOptions, stdioRelay } from './stdio-relay.js';
import type { AgentProcess } from './table.js';

/** The streams that the host wants. */
export type Pipes = Pick<ProcessParameters, 'CreateStdInPipe' | 'CreateStdOutPipe' | 'CreateStdErrPipe'>;

export interface Launch extends Omit<RelayOptions, 'redial'> {
  readonly pipes: Pipes;
  readonly ports: StdioPorts;
  /** Creates the process, or starts one that was created before. */
  readonly make: () => Observable<ComputeProcess>;
  readonly dial: Dial;
  readonly links: Links;
  readonly scheduler: SchedulerLike;
  /** The activity of the request. */
  readonly activity: string | undefined;
  /** The exit code reported for an exit. */
  readonly codeOf?: typeof statusOf;
}

/** Emits the running process. A failure leaves nothing open. */
export const launch = ({
  pipes,
  ports,
  make,
  dial,
  links,
  scheduler,
  activity,
  codeOf = statusOf,
  ...relay
}: Launch): Observable<AgentProcess> =>
  new Observable((listener) => {
    const begin = (connections: Connections): void => {
      const making = defer(make).subscribe({
        next: (process) => {
          const redial = (name: 'stdout' | 'stderr') =>
            redialling({ port: ports[portNames[name]] ?? 0, dial, links, scheduler });
          const options = { ...relay, ...(links.keepFor > 0 && { redial }) };
          listener.next({ ...running(process, connections, options, codeOf), activity });
        },
        error: (error) => {
          closeAll(connections);
          listener.error(error);
        },
        complete: () => listener.complete(),
      });
      listener.add(making);
    };
    listener.add(
      dialled(pipes, ports, dial).subscribe({ next: begin, error: (error) => listener.error(error) }),
    );
  });

const running = (
  process: ComputeProcess,
  connections: Connections,
  options: RelayOptions,
  codeOf: typeof statusOf,
): AgentProcess => {
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
      exit$.next(codeOf({ kind: 'unknown', reason: 'the exit could not be read' }));
      exit$.complete();
    },
  });
  return { process, terminal: options.terminal, exit$, close: relay.close };
};

const portNames = { stdout: 'StdOut', stderr: 'StdErr' } as const;

const streams = [
  ['StdIn', 'stdin', 'CreateStdInPipe'],
  ['StdOut', 'stdout', 'CreateStdOutPipe'],
  ['StdErr', 'stderr', 'CreateStdErrPipe'],
] as const;

/** One after the other, because hosts expect this order. */
const dialled = (pipes: Pipes, ports: StdioPorts, dial: Dial): Observable<Connections> =>
  new Observable((listener) => {
    const made: Record<string, StdioSocket> = {};
    const wanted = streams.filter(([, , flag]) => pipes[flag]);
    const dialFrom = (index: number): void => {
      const stream = wanted[index];
      if (stream === undefined) {
        listener.next(made);
        return listener.complete();
      }
      const [port, name] = stream;
      const dialling = dialStdio(dial, ports[port] ?? 0).subscribe({
        next: (socket) => {
          made[name] = socket;
        },
        error: (cause) => {
          closeAll(made);
          const message = `failed creating ${name} Connection: ${messageOf(cause)}`;
          listener.error(new AgentError(hresults.fail, message, cause));
        },
        complete: () => dialFrom(index + 1),
      });
      listener.add(dialling);
    };
    dialFrom(0);
  });

const closeAll = (connections: Connections): void => {
  for (const socket of Object.values(connections)) (socket as StdioSocket).close();
};
