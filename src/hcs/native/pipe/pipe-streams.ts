/**
 * Pipes of the kernel between a process and its caller, and descriptors that the caller passes instead.
 *
 * They are not what `node:child_process` makes, which are sockets: a process can open these again as /dev/stdout.
 */
import { closeSync, fchownSync } from 'node:fs';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { handOver } from '../descriptor/handover.js';
import { ownPipeSink } from '../descriptor/sink.js';
import { ownPipeSource } from '../descriptor/source.js';
import { openPipe } from './pipe.js';
import type { Streams } from './streams.js';
import { type StreamMaker, threeStreams } from './three-streams.js';

/** The user that may reopen the pipes, as /dev/stdout; by default the user of this process. */
export interface PipeOwner {
  readonly uid: number;
  readonly gid: number;
}

export const pipeStreams = (
  parameters: ProcessParameters,
  descriptors: Descriptors,
  owner?: PipeOwner,
): Streams => threeStreams(parameters, descriptors, owner ? { ...maker, prepare: ownedBy(owner) } : maker);

const maker: StreamMaker<number | undefined> = {
  given: (name, given) => {
    const { fd, release } = handOver(`descriptors.${name}`, given, name === 'stdin' ? 'read' : 'write');
    return { end: fd, release };
  },
  unconnected: () => ({ end: undefined, release: () => undefined }),
  pipe: (name) => {
    const { read, write } = openPipe();
    const [theirs, ours] = name === 'stdin' ? [read, write] : [write, read];
    return { end: theirs, release: () => closeSync(theirs), ours };
  },
  sink: ownPipeSink,
  source: ownPipeSource,
};

const ownedBy =
  ({ uid, gid }: PipeOwner) =>
  (fd: number | undefined): void => {
    if (fd !== undefined) fchownSync(fd, uid, gid);
  };
