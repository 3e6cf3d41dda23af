/** The first process of a pod, as compute systems offer them. Its tree is all of the container. */
import { AsyncSubject, defer, from, ignoreElements, map, type Observable, of } from 'rxjs';
import { uninterruptible } from '../../../operators/uninterruptible.js';
import { act } from '../../contract/act.js';
import type { ComputeProcess, Delivery, ProcessExit } from '../../contract/compute-process.js';
import { consoleSizeOf } from '../../contract/console-size.js';
import { unknownExit } from '../../contract/exit-code.js';
import { RxshimError } from '../../failures/errors.js';
import type { InitOutput } from './init-output.js';
import type { PodContext } from './pod-context.js';
import type { DescribedPod } from './pod-document.js';
import { killPod, signalPod } from './signal-pod.js';

export interface InitProcess extends ComputeProcess {
  ended(exit: ProcessExit): void;
}

export const initProcess = (
  pod: PodContext,
  output: InitOutput,
  { terminal, stdin }: DescribedPod,
  wanted: { readonly stdout: boolean; readonly stderr: boolean },
): InitProcess => {
  const exit$ = new AsyncSubject<ProcessExit>();
  if (!wanted.stdout) output.stdout.close();
  if (!wanted.stderr) output.stderr.close();
  const ended = (exit: ProcessExit): void => {
    output.writersGone();
    exit$.next(exit);
    exit$.complete();
  };
  // Closed, or never started: its end is not waited for any longer.
  pod.exit$.subscribe(({ reason }) =>
    ended(unknownExit(reason === 'closed' ? 'the handle of its pod was closed' : 'it was never started')),
  );
  const kill = (): Observable<Delivery> => defer(() => from(killPod(pod))).pipe(uninterruptible());
  return {
    get pid() {
      return pod.initPid;
    },
    stdio: {
      ...(stdin && { stdin: output.stdin }),
      ...(wanted.stdout && { stdout: output.stdout }),
      ...(wanted.stderr && !terminal && { stderr: output.stderr }),
    },
    exit$: exit$.asObservable(),
    signal: ({ Signal }) => defer(() => from(signalPod(pod, Number(Signal), 'init'))),
    kill,
    tree: {
      signal: ({ Signal }) => defer(() => from(signalPod(pod, Number(Signal), 'all'))),
      kill,
      gone$: pod.exit$.pipe(map(() => undefined)),
    },
    resizeConsole: (size) =>
      defer(() => {
        if (!terminal) throw new RxshimError('failedPrecondition', `pod ${pod.name} has no terminal`);
        return from(output.resize(consoleSizeOf(size))).pipe(ignoreElements());
      }),
    closeStdin: () => defer(() => (stdin ? from(output.endInput()).pipe(ignoreElements()) : of())),
    closeStdout: () => act(() => output.stdout.close()),
    closeStderr: () => act(() => output.stderr.close()),
    close: () => act(() => output.close()),
    ended,
  };
};
