/**
 * A process of this Windows host as a compute process.
 */
import { AsyncSubject, defer, of } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../contract/compute-process.js';
import { exited } from '../../contract/exit-code.js';
import { invalid } from '../../failures/errors.js';
import { streamActs } from '../../native/process/stream-acts.js';
import { watchProcess } from './process-handle.js';
import type { Streams } from './streams.js';

/** Owns the handle from now on. */
export const localProcess = (
  { pid, handle }: { readonly pid: number; readonly handle: number },
  streams: Streams,
): ComputeProcess => {
  const exit$ = new AsyncSubject<ProcessExit>();
  const { kill } = watchProcess(handle, (code) => {
    streams.ended();
    exit$.next(exited(code));
    exit$.complete();
  });
  return {
    pid,
    exit$: exit$.asObservable(),
    // Console control events do not reach a process in another console, so the signal table has only kills.
    signal: ({ Signal }) =>
      defer(() => {
        throw invalid('Signal', Signal, 'no signal but a kill');
      }),
    kill: () => defer(() => of(kill() ? ('delivered' as const) : ('notDelivered' as const))),
    ...streamActs(pid, streams),
  };
};
