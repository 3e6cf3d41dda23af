/**
 * The three streams of a process: each a pipe, a descriptor of the caller, or not connected.
 *
 * How the operating system makes them is the caller's part. The invariant: if one cannot be made, none is left open.
 */
import type { ByteSink, ByteSource } from '../../contract/bytes.js';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import type { CallerStreams } from './streams.js';

/** The end of a stream that the process gets. */
export interface ChildEnd<E> {
  readonly end: E;
  /** Closes it here, once the process has it. */
  readonly release: () => void;
}

/** How streams are made, for ends of a type: descriptors or handles. */
export interface StreamMaker<E> {
  /** The end for a descriptor that the caller has given. */
  given(name: keyof Descriptors, fd: number): ChildEnd<E>;
  unconnected(): ChildEnd<E>;
  pipe(name: keyof Descriptors): ChildEnd<E> & { readonly ours: number };
  /** Called with the process's end of each pipe. If it throws, the pipe is closed. */
  prepare?(end: E): void;
  sink(ours: number): ByteSink & { close(): void };
  source(ours: number): ByteSource & { close(): void };
}

/** The streams of a process that is to be started, without a terminal. */
export interface ThreeStreams<E> extends CallerStreams {
  /** For stdin, stdout and stderr of the process. Valid until `started`. */
  readonly child: readonly [E, E, E];
  started(): void;
}

export const threeStreams = <E>(
  parameters: ProcessParameters,
  descriptors: Descriptors,
  make: StreamMaker<E>,
): ThreeStreams<E> => {
  const ofChild: (() => void)[] = [];
  const ofCaller: { close(): void }[] = [];

  const forChild = ({ end, release }: ChildEnd<E>): E => {
    ofChild.push(release);
    return end;
  };
  const connect = <T extends { close(): void }>(
    name: keyof Descriptors,
    asked: boolean | undefined,
    open: (ours: number) => T,
  ): { readonly end: E; readonly stream?: T } => {
    const given = descriptors[name];
    if (given !== undefined && given !== 'stdout') return { end: forChild(make.given(name, given)) };
    if (!asked) return { end: forChild(make.unconnected()) };
    const pipe = make.pipe(name);
    const end = forChild(pipe);
    const stream = open(pipe.ours);
    ofCaller.push(stream);
    make.prepare?.(end);
    return { end, stream };
  };

  const started = (): void => ofChild.splice(0).forEach((release) => release());
  const close = (): void => ofCaller.forEach((stream) => stream.close());
  try {
    const stdin = connect('stdin', parameters.CreateStdInPipe, make.sink);
    const stdout = connect('stdout', parameters.CreateStdOutPipe, make.source);
    const stderr: ReturnType<typeof connect<ReturnType<typeof make.source>>> =
      descriptors.stderr === 'stdout'
        ? { end: stdout.end }
        : connect('stderr', parameters.CreateStdErrPipe, make.source);
    return {
      child: [stdin.end, stdout.end, stderr.end],
      stdio: {
        ...(stdin.stream && { stdin: stdin.stream }),
        ...(stdout.stream && { stdout: stdout.stream }),
        ...(stderr.stream && { stderr: stderr.stream }),
      },
      started,
      closeStdin: () => stdin.stream?.close(),
      closeStdout: () => stdout.stream?.close(),
      closeStderr: () => stderr.stream?.close(),
      close,
    };
  } catch (error) {
    // No descriptor left for the second pipe: the first must not be lost.
    started();
    close();
    throw error;
  }
};
