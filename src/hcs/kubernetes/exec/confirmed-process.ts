/**
 * A process whose start and end are confirmed by the script that runs it.
 *
 * The invariant: its exit is the code that the script has reported, within the output or, after a lost connection, from
 * its record in the container. Anything else is `unknown` with its reason, never a success.
 */
import { AsyncSubject, defer } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../contract/compute-process.js';
import { exited, signaled, unknownExit } from '../../contract/exit-code.js';
import { RxshimError } from '../../failures/errors.js';
import type { ConfirmationFilter } from '../../in-container/confirmation-filter.js';
import { isSettledWithin } from '../../remote/pause.js';
import type { PodContext } from '../pod/pod-context.js';
import { signalOfExec } from '../signals.js';
import { askForEnd } from './ask-for-end.js';
import type { Channels } from './channels.js';
import { execBase } from './exec-base.js';
import type { ExecDescription } from './exec-description.js';
import { execSignals } from './exec-signals.js';

export interface ConfirmedExec {
  readonly channels: Channels;
  readonly filter: ConfirmationFilter;
  readonly nonce: string;
  readonly mark: string;
  readonly pid: number;
  /** Resolves with the exit code when the script reports it in the output. */
  readonly confirmedEnd: Promise<number>;
  readonly description: ExecDescription;
}

export const confirmedProcess = (pod: PodContext, exec: ConfirmedExec): ComputeProcess => {
  const { channels, filter, nonce, mark, pid, confirmedEnd, description } = exec;
  const { stdout, stderr } = channels;
  const exit$ = new AsyncSubject<ProcessExit>();
  const sent = new Set<number>();
  const signals = execSignals(pod, pid, mark);
  let isClosed = false;
  let isAsking = false;

  const settle = (exit: ProcessExit): void => {
    if (exit$.isStopped) return;
    // Output that the process wrote before is still on its way.
    stdout.writersGone();
    stderr.writersGone();
    if (exit.kind !== 'unknown') pod.settledExecs.push(nonce);
    exit$.next(exit);
    exit$.complete();
  };
  const withCode = (code: number): ProcessExit =>
    sent.has(code - 128) ? signaled(code - 128) : exited(code);

  const follow = async (): Promise<void> => {
    const { status } = await channels.end;
    for (const piece of filter.flush()) (description.terminal ? stdout : stderr).push(piece);
    const finish = (error?: unknown): void => {
      stdout.end(error);
      stderr.end(error);
    };
    // The script's own message comes before the end of the connection, if it comes.
    if (exit$.isStopped) return finish();
    if (status?.kind === 'code') {
      settle(withCode(status.code));
      return finish();
    }
    if (isClosed) return finish();
    const exit = await askForEnd(pod, nonce, why);
    settle(exit.kind === 'exited' ? withCode(exit.code) : exit);
    finish(new RxshimError('truncated', `output is not all there: ${why}`));
  };
  /** A stalled reader delays the end of the output, but not the exit: then the record is read for it. */
  const askWhileStalled = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const isOver = await isSettledWithin(channels.end, stallTime);
    if (!isOver && channels.isStalled && !exit$.isStopped) {
      const exit = await askForEnd(pod, nonce, why);
      if (exit.kind === 'exited') settle(withCode(exit.code));
    }
    isAsking = false;
  };
  channels.onStall(() => void askWhileStalled());
  void confirmedEnd.then((code) => settle(withCode(code)));
  const followed = follow();
  const tracked = Promise.race([followed, new Promise((resolve) => exit$.subscribe(resolve))]);
  pod.execs.add(tracked);
  void tracked.finally(() => pod.execs.delete(tracked));
  pod.closed$.subscribe(() => {
    isClosed = true;
    settle(unknownExit('the handle of its pod was closed'));
    channels.destroy();
  });

  const sending = (signal: number): number => {
    sent.add(signal);
    return signal;
  };
  return {
    ...execBase(pod, channels, description, () => undefined),
    pid,
    exit$: exit$.asObservable(),
    signal: (options) => defer(() => signals.leader(sending(signalOfExec(options)))),
    kill: () => defer(() => signals.leader(sending(sigkill))),
    tree: {
      signal: (options) => defer(() => signals.tree(sending(signalOfExec(options)))),
      kill: () => defer(() => signals.tree(sending(sigkill))),
      gone$: signals.gone$,
    },
  };
};

const why = 'the connection was lost before the command had ended';

const sigkill = 9;

/** How long an output may be full before the exit is asked for, in milliseconds. */
const stallTime = 200;
