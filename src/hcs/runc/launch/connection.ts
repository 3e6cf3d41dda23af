/**
 * Connects the stdio of a process in a container: the options and streams that the runtime gets, and the streams that
 * the caller gets in return.
 */
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid } from '../../failures/errors.js';
import { keptMaster, keptPipes, type StreamKeeper } from '../../native/pipe/kept-streams.js';
import { masterStreams } from '../../native/pipe/master-streams.js';
import { type PipeOwner, pipeStreams } from '../../native/pipe/pipe-streams.js';
import type { CallerStreams } from '../../native/pipe/streams.js';
import type { ChildStdio } from '../../native/process/launched.js';
import type { Scratch } from '../command/scratch.js';
import { consoleSocket } from './console-socket.js';

export interface Connection {
  /** The stdio of the runtime. The process inherits it unless it has a terminal. */
  readonly child: Exclude<ChildStdio, string>;
  /** Options for the runtime. */
  readonly args: readonly string[];
  /** Call it when the runtime has ended. Closes what only the runtime needed. */
  started(): void;
  /** Calls back once, with the caller's streams or with an error. */
  connected(done: (streams: CallerStreams | Error) => void): void;
  /** Closes everything after a failed start. */
  close(): void;
}

/** By a terminal that the runtime creates, or by a pipe or descriptor for each stream. */
export const connectionFor =
  (
    parameters: ProcessParameters,
    descriptors: Descriptors,
    how: {
      readonly terminal: boolean;
      readonly owner: PipeOwner | undefined;
      readonly keeper?: StreamKeeper | undefined;
    },
  ) =>
  (scratch: Scratch): Connection =>
    how.terminal
      ? byTerminal(parameters, descriptors, { socketPath: scratch.path('console'), keeper: how.keeper })
      : byPipes(parameters, descriptors, how);

/** @throws RxshimError `invalidArgument` for descriptors that are not open. */
const byPipes = (
  parameters: ProcessParameters,
  descriptors: Descriptors,
  { owner, keeper }: { readonly owner: PipeOwner | undefined; readonly keeper?: StreamKeeper | undefined },
): Connection => {
  const opened = pipeStreams(parameters, descriptors, owner);
  const streams = keeper === undefined ? opened : keptPipes(opened, keeper);
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

/** @throws RxshimError `invalidArgument` for descriptors: a process with a terminal takes none. */
const byTerminal = (
  parameters: ProcessParameters,
  descriptors: Descriptors,
  { socketPath, keeper }: { readonly socketPath: string; readonly keeper: StreamKeeper | undefined },
): Connection => {
  const given = Object.values(descriptors).find((fd: unknown) => fd !== undefined);
  if (given !== undefined) throw invalid('descriptors', given, 'none for a process with a terminal');
  const socket = consoleSocket(socketPath);
  return {
    child: [undefined, undefined, undefined],
    args: ['--console-socket', socketPath],
    started: () => undefined,
    connected: (done) =>
      socket.master((master) =>
        done(master instanceof Error ? master : terminalOn(parameters, master, keeper)),
      ),
    close: socket.close,
  };
};

const terminalOn = (
  parameters: ProcessParameters,
  master: number,
  keeper: StreamKeeper | undefined,
): CallerStreams | Error => {
  try {
    return keeper === undefined ? masterStreams(parameters, master) : keptMaster(parameters, master, keeper);
  } catch (error) {
    return error as Error;
  }
};
