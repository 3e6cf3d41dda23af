/**
 * Copies between a process and its connections to the host, with the closing handshake of the protocol.
 *
 * The end of an output is signalled by a half-close, and the agent waits for the host's full close. So the host has all
 * output before it gets the exit, which is sent only then. A terminal is closed the same way, without waiting.
 */
import { AsyncSubject, type Observable } from 'rxjs';
import type { Act, ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ReceivingEnd, SendingEnd, StdioSocket } from '../../hcs/guest/stdio/stdio-socket.js';
import { quietly } from '../container/end.js';
import type { Redial } from './redial.js';

export interface Connections {
  readonly stdin?: StdioSocket;
  readonly stdout?: StdioSocket;
  readonly stderr?: StdioSocket;
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
  /** How an output is connected again after its host has gone. Absent: it is not. */
  readonly redial?: (name: 'stdout' | 'stderr') => Redial;
}

export const stdioRelay = (
  process: ComputeProcess,
  connections: Connections,
  { terminal, handshake, redial }: RelayOptions,
): StdioRelay => {
  const sockets = new Set<{ close(): void }>(Object.values(connections) as StdioSocket[]);
  let isClosed = false;
  const done$ = new AsyncSubject<never>();
  let open = 1;
  const outputDone = (): void => {
    open -= 1;
    if (open === 0) done$.complete();
  };

  const output = (name: 'stdout' | 'stderr', close: () => Act): void => {
    const [source, socket] = [process.stdio[name], connections[name]];
    if (source === undefined || socket === undefined) {
      socket?.close();
      // Created before the host said which streams it wants.
      if (source !== undefined) ignoringErrors(close);
      return;
    }
    open += 1;
    const redialling = redial?.(name);
    const again = async (last: SendingEnd): Promise<SendingEnd | undefined> => {
      last.close();
      const next = isClosed ? undefined : await redialling?.again();
      if (next !== undefined && isClosed) next.close();
      if (next === undefined || isClosed) return undefined;
      sockets.add(next);
      return next;
    };
    copyOut(source, socket.sending(), { handshake, again, ...(redialling && { redialling }) })
      // The host has stopped reading. Closing the pipe lets the process see EPIPE.
      .catch(() => ignoringErrors(close))
      .finally(outputDone);
  };

  const { stdin } = connections;
  if (stdin !== undefined) {
    copyIn(stdin.receiving(), process)
      .then(() => {
        if (!terminal) ignoringErrors(() => process.closeStdin());
      })
      // The process has ended or no longer reads.
      .catch(() => stdin.close());
  } else if (process.stdio.stdin !== undefined) {
    ignoringErrors(() => process.closeStdin());
  }
  output('stdout', () => process.closeStdout());
  output('stderr', () => process.closeStderr());
  outputDone();

  return {
    done$,
    endInput: () => stdin?.close(),
    close: () => {
      isClosed = true;
      for (const socket of sockets) socket.close();
    },
  };
};

const copyIn = async (input: ReceivingEnd, { stdio }: ComputeProcess): Promise<void> => {
  for await (const chunk of input) await stdio.stdin?.write(chunk);
};

interface CopyOptions {
  readonly handshake: boolean;
  readonly redialling?: Redial;
  /** The next connection after one that has failed, if there is one. */
  readonly again: (last: SendingEnd) => Promise<SendingEnd | undefined>;
}

const copyOut = async (
  source: AsyncIterable<Uint8Array>,
  first: SendingEnd,
  { handshake, redialling, again }: CopyOptions,
): Promise<void> => {
  let output = first;
  // A host whose bridge has ended may hold its end open without reading: neither a write nor its close is waited for.
  let unwatch = redialling?.onGone(() => output.close());
  /** Until a connection has taken everything that is kept. */
  const reconnect = async (error: unknown): Promise<void> => {
    for (;;) {
      const next = await again(output);
      if (next === undefined) throw error;
      output = next;
      unwatch?.();
      unwatch = redialling?.onGone(() => output.close());
      try {
        for (const chunk of redialling?.kept ?? []) await output.write(chunk);
        return;
      } catch {
        // That host has gone, too.
      }
    }
  };
  try {
    for await (const piece of source) {
      // Copied, because the source may reuse its buffer for the next read while the socket still queues the data.
      const chunk = Buffer.from(piece);
      redialling?.keep(chunk);
      await output.write(chunk).catch(reconnect);
    }
    for (;;) {
      await output.end();
      // The host's full close. It sends nothing here; a lost host is noticed by the next write.
      if (handshake) await output.peerClosed();
      if (redialling?.hasGone !== true) return;
      await reconnect(new Error('the host has gone'));
    }
  } finally {
    unwatch?.();
    output.close();
  }
};

const ignoringErrors = (act: () => Act): void => void quietly(act).subscribe();
