/**
 * A guest's life: it dials its host, serves it, and dials again when it has gone, until it is told to end.
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
  timer,
} from 'rxjs';
import { streamConnection } from '../hcs/guest/bridge/connection.js';
import { bridgePort } from '../hcs/guest/protocol/constants.js';
import type { Dial } from './dialer.js';
import type { GuestEngine } from './guest-engine.js';
import { type Served, serveGuest } from './serve-guest.js';

export interface RunOptions {
  readonly dial: Dial;
  readonly engine: GuestEngine;
  /** Ends the guest, and all that runs in it. */
  readonly stop$: Observable<unknown>;
  readonly scheduler?: SchedulerLike;
}

/** Between two attempts to reach a host that is not there, in milliseconds. */
const pause = 100;

/** Emits after each host that was served, and completes after the last. */
export const runGuest = ({
  dial,
  engine,
  stop$,
  scheduler = asyncScheduler,
}: RunOptions): Observable<Served> => {
  const stopped$ = stop$.pipe(take(1), shareReplay(1));
  const later = () => timer(pause, scheduler).pipe(takeUntil(stopped$));
  return defer(() => dial(bridgePort)).pipe(
    retry({ delay: later }),
    takeUntil(stopped$),
    concatMap((socket) =>
      serveGuest({ connection: streamConnection(socket, socket), dial, engine, stop$: stopped$, scheduler }),
    ),
    repeat({ delay: later }),
    takeWhile(({ reason }) => reason === 'left' || reason === 'error', true),
  );
};
