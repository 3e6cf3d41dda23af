/**
 * A process in a guest, as compute systems offer them.
 *
 * The guest tells the end only when the host has closed its ends of the output; a relay does that at the end of each
 * stream. So a grandchild that holds an output open holds up the news of the exit as well: the protocol has it so.
 */
import { AsyncSubject, catchError, defer, EMPTY, map, type Observable, of, throwError } from 'rxjs';
import type { Act, ComputeProcess, Delivery, ProcessExit } from '../contract/compute-process.js';
import { exited, unknownExit } from '../contract/exit-code.js';
import { isAlreadyStopped } from '../failures/classifiers.js';
import { hcsCodes } from '../failures/codes.js';
import { statusCodeOf } from '../failures/status-error.js';
import type { SignalOptions } from '../signals/options.js';
import type { GuestContext } from './guest-context.js';
import { forever } from './protocol/constants.js';
import type { OfferedStdio } from './stdio/offer-stdio.js';

export const guestProcess = (
  { bridge }: GuestContext,
  containerId: string,
  pid: number,
  streams: OfferedStdio,
): ComputeProcess => {
  const exit$ = new AsyncSubject<ProcessExit>();
  const TimeoutInMs = forever;
  // At once, whether or not anybody asks: without a wait the guest would not tell the end of the container either.
  bridge
    .call('waitForProcess', containerId, { ProcessId: pid, TimeoutInMs }, { unbounded: true })
    .pipe(
      map(({ ExitCode = 0 }) => exited(ExitCode)),
      catchError((error) =>
        isGone(error) ? of(unknownExit('the guest has forgotten the process')) : throwError(() => error),
      ),
    )
    .subscribe(exit$);
  // Dialling is over, also when the bridge is.
  exit$.subscribe({ error: () => endUndialled(streams), complete: () => endUndialled(streams) });

  const signal = (Options?: SignalOptions): Observable<Delivery> =>
    bridge.call('signalProcess', containerId, { ProcessId: pid, ...(Options && { Options }) }).pipe(
      map((): Delivery => 'delivered'),
      catchError((error): Observable<Delivery> => {
        if (isGone(error)) return of('notDelivered');
        return isAlreadyStopped(error) ? of('alreadyStopped') : throwError(() => error);
      }),
    );

  return {
    pid,
    stdio: streams.stdio,
    exit$: exit$.asObservable(),
    signal,
    // Without options: the guest takes that for SIGKILL, and one that knows no signals still ends the process.
    kill: () => signal(),
    resizeConsole: ({ width, height }) =>
      bridge.call(
        'resizeConsole',
        containerId,
        { ProcessId: pid, Height: height, Width: width },
        { cancellable: true },
      ),
    closeStdin: () => act(() => streams.stdin?.halfClose()),
    closeStdout: () => act(() => streams.stdout?.close()),
    closeStderr: () => act(() => streams.stderr?.close()),
    close: () => act(streams.close),
  };
};

const endUndialled = ({ stdout, stderr }: OfferedStdio): void => {
  stdout?.expectNoMore();
  stderr?.expectNoMore();
};

const isGone = (error: unknown): boolean =>
  error instanceof Error && statusCodeOf(error.cause) === hcsCodes.elementNotFound;

/** Something that is done as soon as it is asked. */
const act = (work: () => void): Act =>
  defer(() => {
    work();
    return EMPTY;
  });
