/**
 * A process of this host's kernel, as compute systems offer them.
 *
 * The invariant: a signal reaches this process or nothing. Like `runc kill` it goes to the one process, not to its
 * group; those that it has started are signalled by way of its tree. A terminal's Ctrl-C is typed, and reaches the
 * foreground group by way of the terminal.
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
    // Its end is watched for all the same: whoever does not reap it leaves a zombie.
    close: () => act(streams.close),
  };
};

/** Something that is done as soon as it is asked, or fails. */
export const act = (work: () => void): Act =>
  defer(() => {
    work();
    return EMPTY;
  });
