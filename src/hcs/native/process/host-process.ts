/**
 * A process of this host as a compute process.
 *
 * The invariant: a signal reaches this process or none. As with `runc kill` it goes to the single process, not to its
 * group; the process tree signals descendants. Ctrl-C in a terminal is input, which the terminal turns into a signal
 * for its foreground group.
 */
import { constants } from 'node:os';
import { defer, EMPTY, of } from 'rxjs';
import type { Act, ComputeProcess, ConsoleSize, ProcessTree } from '../../contract/compute-process.js';
import { consoleSizeOf } from '../../contract/console-size.js';
import { RxshimError } from '../../failures/errors.js';
import type { CallerStreams } from '../pipe/streams.js';
import type { Launched } from './launched.js';
import { sendSignal, signalNumber } from './send-signal.js';

export const hostProcess = (
  launched: Launched,
  streams: CallerStreams,
  tree?: ProcessTree,
): ComputeProcess => {
  const { pid, exit$ } = launched;

  const resize = (size: ConsoleSize): void => {
    if (!streams.resize) throw new RxshimError('failedPrecondition', `process ${pid} has no terminal`);
    streams.resize(consoleSizeOf(size));
  };

  return {
    pid,
    stdio: streams.stdio,
    exit$,
    signal: ({ Signal }) => defer(() => of(sendSignal(pid, signalNumber(Signal), launched.send))),
    kill: () => defer(() => of(sendSignal(pid, constants.signals.SIGKILL, launched.send))),
    ...(tree && { tree }),
    resizeConsole: (size) => act(() => resize(size)),
    closeStdin: () => act(streams.closeStdin),
    closeStdout: () => act(streams.closeStdout),
    closeStderr: () => act(streams.closeStderr),
    // The exit is still awaited, to reap the zombie.
    close: () => act(streams.close),
  };
};

/** A synchronous act as an Observable. */
export const act = (work: () => void): Act =>
  defer(() => {
    work();
    return EMPTY;
  });
