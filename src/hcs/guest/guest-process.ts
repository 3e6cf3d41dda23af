/**
 * A process in a guest as a compute process.
 *
 * The guest reports the exit only after the host has closed its ends of the output, which a relay does at end of file.
 * So a grandchild that holds an output open delays the exit as well. The protocol requires this.
 */
import { AsyncSubject, catchError, defer, EMPTY, map, type Observable, of, throwError } from 'rxjs';
import type { Act, ComputeProcess, Delivery, ProcessExit } from '../contract/compute-process.js';
import { hasCode } from '../contract/exit-code.js';
import { isAlreadyStopped } from '../failures/classifiers.js';
import type { SignalOptions } from '../signals/options.js';
import type { GuestContext } from './guest-context.js';
import type { OfferedStdio } from './stdio/offer-stdio.js';
import { isGone } from './wait-for-process.js';

export interface GuestProcessOptions {
  readonly containerId: string;
  readonly pid: number;
  readonly streams: OfferedStdio;
  /** Is subscribed to at once. */
  readonly exit: Observable<ProcessExit>;
}

export const guestProcess = (
  { bridge }: GuestContext,
  { containerId, pid, streams, exit }: GuestProcessOptions,
): ComputeProcess => {
  const exit$ = new AsyncSubject<ProcessExit>();
  // At once, even without a subscriber: without a pending wait the guest would not report the end of the container
  // either.
  exit.subscribe(exit$);
  // No more connections to the ports are expected, even if the bridge has failed.
  let hasExited = false;
  exit$.subscribe({
    next: (its) => {
      hasExited = hasCode(its);
    },
    error: () => streams.finish(false),
    complete: () => streams.finish(hasExited),
  });

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
    // Without options, which the guest treats as SIGKILL. A guest without signals kills the process as well.
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

/** A synchronous act as an Observable. */
const act = (work: () => void): Act =>
  defer(() => {
    work();
    return EMPTY;
  });
