/**
 * A process of this host's kernel, as compute systems offer them.
 *
 * The invariant: a signal reaches this process or nothing. Like `runc kill` it goes to the one process, not to its
 * group; a terminal's Ctrl-C is typed, and reaches the group by way of the terminal.
 */
import { constants } from 'node:os';
import { defer, EMPTY, of } from 'rxjs';
import type { Act, ComputeProcess, ConsoleSize, Delivery } from '../compute-process.js';
import { consoleSizeOf } from '../console-size.js';
import { invalid, messageOf, RxshimError } from '../errors.js';
import type { Launched } from './launched.js';
import type { CallerStreams } from './streams.js';

export const hostProcess = (launched: Launched, streams: CallerStreams): ComputeProcess => {
  const { pid, exit$ } = launched;

  const send = (signal: number): Delivery => {
    try {
      return launched.send(signal) ? 'delivered' : 'notDelivered';
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EINVAL') throw invalid('Signal', signal, 'a signal of this kernel', cause);
      throw new RxshimError('failedPrecondition', `signal ${signal} to ${pid}: ${messageOf(cause)}`, {
        cause,
      });
    }
  };

  const resize = (size: ConsoleSize): void => {
    if (!streams.resize) throw new RxshimError('failedPrecondition', `process ${pid} has no terminal`);
    streams.resize(consoleSizeOf(size));
  };

  return {
    pid,
    stdio: streams.stdio,
    exit$,
    signal: ({ Signal }) =>
      defer(() => {
        if (!Number.isInteger(Signal) || Signal === 0)
          throw invalid('Signal', Signal, 'the number of a signal');
        return of(send(Signal as number));
      }),
    kill: () => defer(() => of(send(constants.signals.SIGKILL))),
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
