/**
 * A `ComputeProcess` for engines whose processes have streams of Node. It implements the contract for bytes, signals and
 * closing, so that an engine only has to start, signal and await the process.
 */

import { PassThrough, type Readable, type Writable } from 'node:stream';
import { defer, EMPTY, type Observable } from 'rxjs';
import { act } from './act.js';
import type { ByteSink, ByteSource } from './bytes.js';
import type { ComputeProcess, Delivery, ProcessExit } from './compute-process.js';

/** A started process, as its engine knows it. */
export interface StreamProcess {
  /** 0 if it is not known. */
  readonly pid: number;
  /** Emits once and completes, for late subscribers too: an `AsyncSubject`. */
  readonly exit$: Observable<ProcessExit>;
  /** `null` or absent: the process has no such pipe. */
  readonly stdin?: Writable | null | undefined;
  readonly stdout?: Readable | null | undefined;
  readonly stderr?: Readable | null | undefined;
  /** Sends a signal by its number. Returns false if the process has ended; an error means that the engine could not send. */
  signal(signal: number): boolean | PromiseLike<boolean>;
}

const sigkill = 9;

/**
 * The process as the contract has it. For systems whose signals are numbers (`linuxSignals`).
 *
 * @example
 * const child = spawn('cat');
 * processFromStreams({ pid: child.pid ?? 0, exit$, stdin: child.stdin, signal: (number) => child.kill(number) });
 */
export const processFromStreams = ({
  pid,
  exit$,
  stdin,
  stdout,
  stderr,
  signal,
}: StreamProcess): ComputeProcess => {
  const [out, err] = [buffered(stdout), buffered(stderr)];
  const send = (number: number): Observable<Delivery> =>
    defer(async () => ((await signal(number)) ? 'delivered' : 'notDelivered'));
  return {
    pid,
    stdio: {
      ...(stdin && { stdin: sinkOf(stdin) }),
      ...(out && { stdout: sourceOf(out) }),
      ...(err && { stderr: sourceOf(err) }),
    },
    exit$,
    signal: ({ Signal }) => send(Number(Signal)),
    kill: () => send(sigkill),
    resizeConsole: () => EMPTY,
    closeStdin: () => act(() => stdin?.end()),
    closeStdout: () => act(() => out?.destroy()),
    closeStderr: () => act(() => err?.destroy()),
    close: () =>
      act(() => {
        for (const stream of [stdin, out, err]) stream?.destroy();
      }),
  };
};

/** At the exit, Node discards the content of a stream that is not being read. This pipe reads it, and stops when it is full. */
const buffered = (stream: Readable | null | undefined): Readable | undefined => {
  if (!stream) return undefined;
  const buffer = new PassThrough();
  stream.once('error', (error) => buffer.destroy(error));
  buffer.once('close', () => stream.destroy());
  return stream.pipe(buffer);
};

/** A stream that was closed ends; Node would throw. */
async function* sourceOf(stream: Readable): ByteSource {
  try {
    yield* stream;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

const sinkOf = (stream: Writable): ByteSink => {
  // A failed write rejects; without a listener the event would end the program.
  stream.on('error', () => undefined);
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(error) : resolve()));
      }),
  };
};
