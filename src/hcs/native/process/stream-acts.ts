/**
 * The part of a compute process that concerns its streams, the same on every system.
 */
import { defer, EMPTY } from 'rxjs';
import type { Act, ComputeProcess, ConsoleSize } from '../../contract/compute-process.js';
import { consoleSizeOf } from '../../contract/console-size.js';
import { RxshimError } from '../../failures/errors.js';
import type { CallerStreams } from '../pipe/streams.js';

export type StreamActs = Pick<
  ComputeProcess,
  'stdio' | 'resizeConsole' | 'closeStdin' | 'closeStdout' | 'closeStderr' | 'close'
>;

export const streamActs = (pid: number, streams: CallerStreams): StreamActs => {
  const resize = (size: ConsoleSize): void => {
    if (!streams.resize) throw new RxshimError('failedPrecondition', `process ${pid} has no terminal`);
    streams.resize(consoleSizeOf(size));
  };
  return {
    stdio: streams.stdio,
    resizeConsole: (size) => act(() => resize(size)),
    closeStdin: () => act(streams.closeStdin),
    closeStdout: () => act(streams.closeStdout),
    closeStderr: () => act(streams.closeStderr),
    // The exit is awaited all the same: a process that is not reaped stays a zombie.
    close: () => act(streams.close),
  };
};

/** A synchronous act as an Observable. */
export const act = (work: () => void): Act =>
  defer(() => {
    work();
    return EMPTY;
  });
