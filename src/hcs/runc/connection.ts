/**
 * How a process inside is to be connected: what its runtime is given for that, and what comes of it.
 */
import type { Descriptors } from '../compute-system.js';
import type { ChildStdio } from '../native/launched.js';
import { type PipeOwner, pipeStreams } from '../native/pipe-streams.js';
import type { Streams } from '../native/streams.js';
import type { ProcessParameters } from '../process-parameters.js';

export interface Connection {
  /** The streams of the runtime, which are those of the process unless it has a terminal. */
  readonly child: Exclude<ChildStdio, string>;
  /** Options for the runtime. */
  readonly args: readonly string[];
  /** The runtime has ended: lets go of what was for it. */
  started(): void;
  /** Calls back once the process is connected, or cannot be. */
  connected(done: (streams: Streams | Error) => void): void;
  /** Nothing came of it. */
  close(): void;
}

/** @throws RxshimError `invalidArgument` for descriptors that are not open. */
export const byPipes = (
  parameters: ProcessParameters,
  descriptors: Descriptors,
  owner: PipeOwner | undefined,
): Connection => {
  const streams = pipeStreams(parameters, descriptors, owner);
  return {
    child: streams.child as Exclude<ChildStdio, string>,
    args: [],
    started: streams.started,
    connected: (done) => done(streams),
    close: () => {
      streams.started();
      streams.close();
    },
  };
};
