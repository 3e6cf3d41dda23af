/**
 * Between a process and the connections to its host: input in, output out, and the handshake at the end of each.
 *
 * The end of an output is told by a half-close, and the host's full close is awaited: so the host, which hears of the
 * exit only after that, has all of the output by then. A terminal is told the same way, but not awaited.
 */
import type { Duplex } from 'node:stream';
import { AsyncSubject, type Observable } from 'rxjs';
import type { Act, ComputeProcess } from '../hcs/contract/compute-process.js';
import { quietly } from './end-system.js';

export interface Connections {
  readonly stdin?: Duplex;
  readonly stdout?: Duplex;
  readonly stderr?: Duplex;
}

export interface StdioRelay {
  /** Completes when all output has been copied and its end been agreed on, or the host wants no more of it. */
  readonly done$: Observable<never>;
  /** Nobody will read input any more. */
  endInput(): void;
  close(): void;
}

export interface RelayOptions {
  /** Whether it is a terminal: its input has no end but what is typed, and its output no handshake. */
  readonly terminal: boolean;
  /** Whether the host's full close is awaited. */
  readonly handshake: boolean;
}

export const stdioRelay = (
  process: ComputeProcess,
  connections: Connections,
  { terminal, handshake }: RelayOptions,
): StdioRelay => {
  const done$ = new AsyncSubject<never>();
  let open = 1;
  const oneDone = (): void => {
    open -= 1;
    if (open === 0) done$.complete();
  };

  const output = (name: 'stdout' | 'stderr', close: () => Act): void => {
    const [source, socket] = [process.stdio[name], connections[name]];
    if (source === undefined || socket === undefined) {
      socket?.destroy();
      // Made before anybody knew who would want it.
      if (source !== undefined) ignoring(close);
      return;
    }
    open += 1;
    copyOut(source, socket, handshake)
      // The host is gone, or wants no more: the process is to hear of it, by the signal that pipes have for this.
      .catch(() => ignoring(close))
      .finally(() => {
        socket.destroy();
        oneDone();
      });
  };

  const { stdin } = connections;
  if (stdin !== undefined) {
    copyIn(stdin, process)
      .then(() => {
        if (!terminal) ignoring(() => process.closeStdin());
      })
      // The process is gone, or reads no more.
      .catch(() => stdin.destroy());
  } else if (process.stdio.stdin !== undefined) {
    ignoring(() => process.closeStdin());
  }
  output('stdout', () => process.closeStdout());
  output('stderr', () => process.closeStderr());
  oneDone();

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
    // The host has nothing to say here but that it has closed. That it is gone before shows when it is written to.
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
    // Copied: the source may use its buffer again as soon as it is asked for more, and a socket keeps what it cannot send.
    socket.write(Buffer.from(chunk), (error) => (error ? reject(error) : resolve()));
  });

const ignoring = (act: () => Act): void => void quietly(act).subscribe();
