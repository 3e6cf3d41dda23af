/**
 * A process of an image without a shell. What its server says is all that is known of it.
 *
 * Zero is reported over v4 alone: over v5 a server says `Success` also where the stream broke off while the command ran.
 */
import { AsyncSubject, defer } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../contract/compute-process.js';
import { exited, unknownExit } from '../../contract/exit-code.js';
import { isSettledWithin } from '../../remote/pause.js';
import type { PodContext } from '../pod/pod-context.js';
import { type Channels, type ChannelsEnd, v4 } from './channels.js';
import { execBase } from './exec-base.js';
import type { ExecDescription } from './exec-description.js';
import { noSignals } from './exec-signals.js';
import { startFailure } from './status.js';

/** @throws RxshimError when it could not be started: known once its connection ends, or its output begins. */
export const plainProcess = async (
  pod: PodContext,
  what: string,
  channels: Channels,
  description: ExecDescription,
): Promise<ComputeProcess> => {
  const exit$ = new AsyncSubject<ProcessExit>();
  const base = execBase(pod, channels, description, () => undefined);
  const ended = channels.end.then((end) => {
    channels.stdout.end();
    channels.stderr.end();
    if (end.status?.kind === 'failure') return startFailure(what, end.status.message);
    if (exit$.isStopped) return undefined;
    exit$.next(exitOf(channels, end));
    exit$.complete();
    return undefined;
  });
  // There is no word for a start: a command that cannot be started ends within milliseconds.
  if (await isSettledWithin(ended, startWindow)) {
    const failure = await ended;
    if (failure !== undefined) throw failure;
  }
  void ended.then((late) => {
    if (late === undefined || exit$.isStopped) return;
    exit$.next(unknownExit(late.message));
    exit$.complete();
  });
  pod.closed$.subscribe(() => {
    if (!exit$.isStopped) {
      exit$.next(unknownExit('the handle of its pod was closed'));
      exit$.complete();
    }
    channels.destroy();
  });
  const signals = noSignals(pod);
  return {
    ...base,
    pid: 0,
    exit$: exit$.asObservable(),
    signal: () => defer(() => signals.leader(0)),
    kill: () => defer(() => signals.leader(0)),
  };
};

/** How long a command that cannot be started takes to say so, in milliseconds. */
const startWindow = 200;

export const exitOf = (
  { protocol }: Pick<Channels, 'protocol'>,
  { status, code }: ChannelsEnd,
): ProcessExit => {
  switch (status?.kind) {
    case 'code':
      return exited(status.code);
    case 'success':
      return protocol === v4
        ? exited(0)
        : unknownExit(
            'the server reports success, which over v5 is no proof; without a shell nothing confirms it',
          );
    case 'failure':
      return unknownExit(status.message);
    default:
      return unknownExit(`the connection was lost (close code ${code}) before the command had ended`);
  }
};
