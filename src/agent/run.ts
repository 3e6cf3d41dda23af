/**
 * Runs an agent: it dials its host, serves it, and dials again when the host has gone, until it is stopped.
 */
import {
  asyncScheduler,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
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
import { invalid, kindOf } from '../hcs/failures/errors.js';
import { type Dial, dialBridge } from './dialer.js';
import type { AgentEngine } from './engine.js';
import { keptSession } from './kept-session.js';
import { type Served, serveKept } from './serve.js';

/** Options of `runAgent`. */
export interface AgentOptions {
  readonly dial: Dial;
  readonly engine: AgentEngine;
  /** Stops the agent and everything that runs in it. */
  readonly stop$: Observable<unknown>;
  readonly scheduler?: SchedulerLike;
  /**
   * How long containers and processes outlive the connection to the host, in milliseconds: a host that connects again in
   * time finds them, with their exits and outputs. Default: 0, they are ended at once.
   */
  readonly keepFor?: number;
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
  keepFor = 0,
}: AgentOptions): Observable<Served> => {
  if (!(keepFor >= 0 && keepFor < 2 ** 31)) throw invalid('keepFor', keepFor, 'milliseconds');
  const stopped$ = stop$.pipe(take(1), shareReplay(1));
  const afterDelay = () => timer(redialDelay, scheduler).pipe(takeUntil(stopped$));
  const sessions = keepFor > 0 ? keptSession({ engine, dial, scheduler, keepFor }) : undefined;
  const served$ = defer(() => dialBridge(dial)).pipe(
    // A refused access does not change by waiting.
    retry({
      delay: (error) => (kindOf(error) === 'permissionDenied' ? throwError(() => error) : afterDelay()),
    }),
    takeUntil(stopped$),
    concatMap((connection) => {
      const session = sessions?.take();
      return serveKept({
        connection,
        dial,
        engine,
        stop$: stopped$,
        scheduler,
        ...(session && { session }),
      }).pipe(finalize(() => sessions?.leave()));
    }),
    repeat({ delay: afterDelay }),
    takeWhile(({ reason }) => reason === 'left' || reason === 'error', true),
  );
  // Stopped without a connection.
  const rest$ = defer(() => sessions?.end() ?? EMPTY);
  return concat(served$, rest$).pipe(finalize(() => sessions?.end().subscribe()));
};
