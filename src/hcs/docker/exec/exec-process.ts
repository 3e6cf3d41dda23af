/** A process that the exec API has started, as compute systems offer them. */

import { defer } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import { signalOfExec } from '../signals.js';
import { attachedProcess, type Wanted } from '../stdio/attached-process.js';
import { awaitExecExit } from './await-exec-exit.js';
import { execSignals } from './exec-signals.js';
import type { StartedExec } from './started-exec.js';

export const execProcess = (exec: StartedExec, wanted: Wanted): ComputeProcess => {
  const { container, id, mark, pid } = exec;
  const subject = { api: container.api, name: `exec ${id}`, path: `/exec/${id}` };
  const { attached, exited } = attachedProcess(subject, exec, wanted);
  const sent = new Set<number>();
  const watch = awaitExecExit(exec, sent);
  let isRunning = true;
  void watch.exit.then((exit) => {
    isRunning = false;
    exited(exit);
  });
  const signals = execSignals(container, mark, () => ({ pid, isRunning }), exec.record);
  /** After a signal an exit is expected. Look for it: a stalled reader would delay the end of the stream. */
  const sending = (signal: number): number => {
    sent.add(signal);
    watch.look();
    return signal;
  };

  return {
    ...attached,
    pid,
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
  };
};

const sigkill = 9;
