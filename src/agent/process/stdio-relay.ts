/**
 * Copies between a process and its connections to the host, with the closing handshake of the protocol.
 *
 * The end of an output is signalled by a half-close, and the agent waits for the host's full close. So the host has all
 * output before it gets the exit, which is sent only then. A terminal is closed the same way, without waiting.
 */
import type { Duplex } from 'node:stream';
import { AsyncSubject, type Observable } from 'rxjs';
import type { Act, ComputeProcess } from '../../hcs/contract/compute-process.js';
import { quietly } from '../container/end.js';

export interface Connections {
  readonly stdin?: Duplex;
  readonly stdout?: Duplex;
  readonly stderr?: Duplex;
}

export interface StdioRelay {
  /** Completes when all output has been copied and closed, or the host has stopped reading. */
  readonly done$: Observable<never>;
  /** Closes the input: the process has ended. */
  endInput(): void;
  close(): void;
}

export interface RelayOptions {
  /** Whether it is a terminal: its input has no end of file, and its output has no handshake. */
  readonly terminal: boolean;
  /** Whether to wait for the host's full close. */
  readonly handshake: boolean;
}

export const stdioRelay = (
  process: ComputeProcess,
  connections: Connections,
  { terminal, handshake }: RelayOptions,
): StdioRelay => {
  const done$ = new AsyncSubject<never>();
  let open = 1;
  const outputDone = (): void => {
    open -= 1;
    if (open === 0) done$.complete();
  };

  const output = (name: 'stdout' | 'stderr', close: () => Act): void => {
    const [source, socket] = [process.stdio[name], connections[name]];
    if (source === undefined || socket === undefined) {
      socket?.destroy();
      // Created before the host said which streams it wants.
      if (source !== undefined) ignoringErrors(close);
      return;
    }
    open += 1;
    copyOut(source, socket, handshake)
      // The host has stopped reading. Closing the pipe lets the process see EPIPE.
      .catch(() => ignoringErrors(close))
      .finally(() => {
        socket.destroy();
        outputDone();
      });
  };

  const { stdin } = connections;
  if (stdin !== undefined) {
    copyIn(stdin, process)
      .then(() => {
        if (!terminal) ignoringErrors(() => process.closeStdin());
      })
      // The process has ended or no longer reads.
      .catch(() => stdin.destroy());
  } else if (process.stdio.stdin !== undefined) {
    ignoringErrors(() => process.closeStdin());
  }
  output('stdout', () => process.closeStdout());
  output('stderr', () => process.closeStderr());
  outputDone();

  return {
    done$,
    endInput: () => void stdin?.destroy(),
    close: () => {
      for (const socket of Object.values(connections)) (socket as Duplex | undefined)?.destroy();
    },
  };
};

const copyIn = async (socket: Duplex, { stdio }: ComputeProcess): Promise<void> => {
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) await stdio.stdin?.write(chunk);
};

const copyOut = async (
  source: AsyncIterable<Uint8Array>,
  socket: Duplex,
  handshake: boolean,
): Promise<void> => {
  const closed = new Promise<void>((resolve) => {
    // The host sends nothing here, so an end or close means that it has closed. A lost host is noticed by the next
    // write.
    socket.once('end', resolve);
    socket.once('close', resolve);
  });
  socket.resume();
  for await (const chunk of source) await written(socket, chunk);
  await new Promise<void>((resolve) => {
    socket.once('close', resolve);
    socket.end(resolve);
  });
  if (handshake) await closed;
};

const written = (socket: Duplex, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    // Copied, because the source may reuse its buffer for the next read while the socket still queues the data.
    socket.write(Buffer.from(chunk), (error) => (error ? reject(error) : resolve()));
  });

const ignoringErrors = (act: () => Act): void => void quietly(act).subscribe();
