/**
 * Pipes of the kernel between a process and its caller, and descriptors that the caller hands over instead.
 *
 * They are not what `node:child_process` makes, which are sockets: a process can open these again as /dev/stdout.
 */
import { closeSync, fchownSync } from 'node:fs';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { handOver } from '../descriptor/handover.js';
import { descriptorSink } from '../descriptor/sink.js';
import { type DescriptorSource, descriptorSource } from '../descriptor/source.js';
import { openPipe } from './pipe.js';
import type { Streams } from './streams.js';

/** The user that may reopen the pipes, as /dev/stdout; by default the user of this process. */
export interface PipeOwner {
  readonly uid: number;
  readonly gid: number;
}

export const pipeStreams = (
  parameters: ProcessParameters,
  descriptors: Descriptors,
  owner?: PipeOwner,
): Streams => {
  const ofChild: (() => void)[] = [];
  const ofCaller: { close(): void }[] = [];

  const connect = <T extends { close(): void }>(
    name: keyof Descriptors,
    asked: boolean | undefined,
    end: (fd: number) => T,
  ): { readonly fd?: number; readonly stream?: T } => {
    const given = descriptors[name];
    if (given !== undefined && given !== 'stdout') {
      const { fd, release } = handOver(`descriptors.${name}`, given, name === 'stdin' ? 'read' : 'write');
      ofChild.push(release);
      return { fd };
    }
    if (!asked) return {};
    const { read, write } = openPipe();
    const [theirs, ours] = name === 'stdin' ? [read, write] : [write, read];
    ofChild.push(() => closeSync(theirs));
    const stream = end(ours);
    ofCaller.push(stream);
    if (owner) fchownSync(theirs, owner.uid, owner.gid);
    return { fd: theirs, stream };
  };

  const started = () => ofChild.splice(0).forEach((close) => close());
  const close = () => ofCaller.forEach((stream) => stream.close());
  try {
    const stdin = connect('stdin', parameters.CreateStdInPipe, descriptorSink);
    const stdout = connect('stdout', parameters.CreateStdOutPipe, descriptorSource);
    const stderr: ReturnType<typeof connect<DescriptorSource>> =
      descriptors.stderr === 'stdout'
        ? stdout.fd === undefined
          ? {}
          : { fd: stdout.fd }
        : connect('stderr', parameters.CreateStdErrPipe, descriptorSource);
    return {
      child: [stdin.fd, stdout.fd, stderr.fd],
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
