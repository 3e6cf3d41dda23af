/**
 * Runs an agent: it dials its host, serves it, and dials again when the host has gone, until it is stopped.
 */
import {
  asyncScheduler,
  concatMap,
  defer,
  type Observable,
  repeat,
  retry,
  type SchedulerLike,
  shareReplay,
  take,
  takeUntil,
  takeWhile,
  throwError,
  timer,
} from 'rxjs';
import { kindOf } from '../hcs/failures/errors.js';
import { streamConnection } from '../hcs/guest/bridge/connection.js';
import { bridgePort } from '../hcs/guest/protocol/constants.js';
import type { Dial } from './dialer.js';
import type { AgentEngine } from './engine.js';
import { type Served, serveAgent } from './serve.js';

/** Options of `runAgent`. */
export interface AgentOptions {
  readonly dial: Dial;
  readonly engine: AgentEngine;
  /** Stops the agent and everything that runs in it. */
  readonly stop$: Observable<unknown>;
  readonly scheduler?: SchedulerLike;
}

/** The delay between two attempts to reach the host, in milliseconds. */
const redialDelay = 100;

/**
 * Emits after each served host, and completes after the last. Errors with RxshimError `permissionDenied` if the socket of
 * the host is not safe to dial.
 */
export const runAgent = ({
  dial,
  engine,
  stop$,
  scheduler = asyncScheduler,
}: AgentOptions): Observable<Served> => {
  const stopped$ = stop$.pipe(take(1), shareReplay(1));
  const afterDelay = () => timer(redialDelay, scheduler).pipe(takeUntil(stopped$));
  return defer(() => dial(bridgePort)).pipe(
    // A refused access does not change by waiting.
    retry({
      delay: (error) => (kindOf(error) === 'permissionDenied' ? throwError(() => error) : afterDelay()),
    }),
    takeUntil(stopped$),
    concatMap((socket) =>
      serveAgent({ connection: streamConnection(socket, socket), dial, engine, stop$: stopped$, scheduler }),
    ),
    repeat({ delay: afterDelay }),
    takeWhile(({ reason }) => reason === 'left' || reason === 'error', true),
  );
};
