/** A process that the exec API has started, as compute systems offer them. */

import { AsyncSubject, defer } from 'rxjs';
import { act } from '../../contract/act.js';
import type { ComputeProcess, ProcessExit } from '../../contract/compute-process.js';
import { consoleSizeOf } from '../../contract/console-size.js';
import { RxshimError } from '../../failures/errors.js';
import { signalOfExec } from '../signals.js';
import { awaitExecExit } from './await-exec-exit.js';
import { execSignals } from './exec-signals.js';
import type { StartedExec } from './started-exec.js';

export const execProcess = (
  exec: StartedExec,
  wanted: { readonly stdout: boolean; readonly stderr: boolean },
): ComputeProcess => {
  const { container, id, mark, pid, terminal, input, output } = exec;
  const exit$ = new AsyncSubject<ProcessExit>();
  const sent = new Set<number>();
  if (!wanted.stdout) output.stdout.close();
  if (!wanted.stderr) output.stderr.close();
  const watch = awaitExecExit(exec, sent);
  let isRunning = true;
  void watch.exit.then((exit) => {
    isRunning = false;
    input?.close();
    exit$.next(exit);
    exit$.complete();
  });
  const signals = execSignals(container, mark, () => ({ pid, isRunning }), exec.record);
  /** After a signal an exit is expected. Look for it: a stalled reader would delay the end of the stream. */
  const sending = (signal: number): number => {
    sent.add(signal);
    watch.look();
    return signal;
  };

  return {
    pid,
    stdio: {
      ...(input && { stdin: input }),
      ...(wanted.stdout && { stdout: output.stdout }),
      ...(wanted.stderr && { stderr: output.stderr }),
    },
    exit$: exit$.asObservable(),
    signal: (options) => defer(() => signals.leader(sending(signalOfExec(options)))),
    kill: () => defer(() => signals.leader(sending(sigkill))),
    tree: {
      signal: (options) => defer(() => signals.tree.signal({ Signal: sending(signalOfExec(options)) })),
      kill: () =>
        defer(() => {
          sending(sigkill);
          return signals.tree.kill();
        }),
      gone$: signals.tree.gone$,
    },
    resizeConsole: (size) =>
      defer(() => {
        if (!terminal) throw new RxshimError('failedPrecondition', `exec ${id} has no terminal`);
        const { width: w, height: h } = consoleSizeOf(size);
        return container.api.call({
          method: 'POST',
          path: `/exec/${id}/resize`,
          query: { h, w },
          what: `resize the terminal of an exec in container ${container.name}`,
        });
      }),
    closeStdin: () => act(() => input?.halfClose()),
    closeStdout: () => act(() => output.stdout.close()),
    closeStderr: () => act(() => output.stderr.close()),
    // The process goes on: a daemon ends nothing when a client leaves.
    close: () =>
      act(() => {
        input?.close();
        output.close();
      }),
  };
};

const sigkill = 9;
