/** The common part of all processes that pods/exec has started: their streams, and closing them. */
import { defer, from, ignoreElements } from 'rxjs';
import { act } from '../../contract/act.js';
import type { ComputeProcess } from '../../contract/compute-process.js';
import { consoleSizeOf } from '../../contract/console-size.js';
import { RxshimError } from '../../failures/errors.js';
import type { PodContext } from '../pod/pod-context.js';
import type { Channels } from './channels.js';
import type { ExecDescription } from './exec-description.js';

type Base = Pick<
  ComputeProcess,
  'stdio' | 'resizeConsole' | 'closeStdin' | 'closeStdout' | 'closeStderr' | 'close'
>;

/** @param release is called when the process is closed, before its connection. */
export const execBase = (
  pod: PodContext,
  channels: Channels,
  { stdin, stdout, stderr, terminal }: ExecDescription,
  release: () => void,
): Base => {
  if (!stdout) channels.stdout.close();
  if (!stderr) channels.stderr.close();
  return {
    stdio: {
      ...(stdin && { stdin: channels.stdin }),
      ...(stdout && { stdout: channels.stdout }),
      ...(stderr && { stderr: channels.stderr }),
    },
    resizeConsole: (size) =>
      defer(() => {
        if (!terminal)
          throw new RxshimError('failedPrecondition', `the exec in pod ${pod.name} has no terminal`);
        return from(channels.resize(consoleSizeOf(size))).pipe(ignoreElements());
      }),
    closeStdin: () => defer(() => from(channels.endInput())).pipe(ignoreElements()),
    closeStdout: () => act(() => channels.stdout.close()),
    closeStderr: () => act(() => channels.stderr.close()),
    close: () =>
      act(() => {
        release();
        channels.stdout.close();
        channels.stderr.close();
      }),
  };
};
