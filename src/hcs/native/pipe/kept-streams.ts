/**
 * Streams whose descriptors the host of the process keeps as well, for the next owner.
 *
 * The invariant: a stream that is closed here is no longer kept. Otherwise a process would never see the end of its input, nor
 * that its output has no reader.
 */
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { descriptorSink } from '../descriptor/sink.js';
import { descriptorSource } from '../descriptor/source.js';
import type { KeptThings } from '../process/child-host.js';
import { masterStreams } from './master-streams.js';
import type { CallerStreams } from './streams.js';

/** Under which names the streams of one process are kept, and where. */
export interface StreamKeeper {
  readonly kept: KeptThings;
  readonly name: string;
}

const names = ['stdin', 'stdout', 'stderr'] as const;

/** Has the caller's ends of pipes kept. */
export const keptPipes = <S extends CallerStreams>(streams: S, keeper: StreamKeeper): S => {
  for (const stream of names) {
    const fd = streams.stdio[stream]?.fd;
    if (fd !== undefined) keeper.kept.keep(`${keeper.name}/${stream}`, fd);
  }
  return releasing(streams, keeper);
};

/** Has the master of a terminal kept. */
export const keptMaster = (
  parameters: ProcessParameters,
  master: number,
  { kept, name }: StreamKeeper,
): CallerStreams => {
  kept.keep(`${name}/terminal`, master);
  const release = (): void => kept.release(`${name}/terminal`);
  try {
    const streams = masterStreams(parameters, master);
    const released = (close: () => void) => () => {
      release();
      close();
    };
    return { ...streams, closeStdout: released(streams.closeStdout), close: released(streams.close) };
  } catch (error) {
    release();
    throw error;
  }
};

/** The streams of a process that were kept for an earlier owner. A stream that is no longer kept is absent. */
export const streamsKept = (parameters: ProcessParameters, keeper: StreamKeeper): CallerStreams => {
  const { kept, name } = keeper;
  const master = kept.take(`${name}/terminal`);
  if (master !== undefined) return keptMaster(parameters, master, keeper);
  const take = <T>(stream: (typeof names)[number], end: (fd: number) => T): T | undefined => {
    const fd = kept.take(`${name}/${stream}`);
    return fd === undefined ? undefined : end(fd);
  };
  const stdin = take('stdin', descriptorSink);
  const stdout = take('stdout', descriptorSource);
  const stderr = take('stderr', descriptorSource);
  const all = [stdin, stdout, stderr];
  return releasing(
    {
      stdio: { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) },
      closeStdin: () => stdin?.close(),
      closeStdout: () => stdout?.close(),
      closeStderr: () => stderr?.close(),
      close: () => all.forEach((stream) => stream?.close()),
    },
    keeper,
  );
};

/** Closing a stream also releases its kept descriptor. */
const releasing = <S extends CallerStreams>(streams: S, { kept, name }: StreamKeeper): S => {
  const left = new Set(names.filter((stream) => streams.stdio[stream] !== undefined));
  const release = (stream: (typeof names)[number]): void => {
    if (left.delete(stream)) kept.release(`${name}/${stream}`);
  };
  const released =
    (close: () => void, ...streams: (typeof names)[number][]) =>
    () => {
      streams.forEach(release);
      close();
    };
  return {
    ...streams,
    closeStdin: released(streams.closeStdin, 'stdin'),
    closeStdout: released(streams.closeStdout, 'stdout'),
    closeStderr: released(streams.closeStderr, 'stderr'),
    close: released(streams.close, ...names),
  };
};
