/**
 * Where the streams of an exec come from: its latest state, and every later one.
 */
import type { Tracer } from '@opentelemetry/api';
import { filter, Observable, type Subject } from 'rxjs';
import type { UpstreamIo } from '../stdio/upstream.js';
import type { ExecState } from './exec-state.js';
import type { ExecIdentity } from './exec-status.js';

export interface ExecSource {
  readonly options: ExecIdentity & { readonly upstream: UpstreamIo; readonly tracer?: Tracer };
  /** The latest state. Already the new one while others are told of it. */
  latest: ExecState;
  /** Every later state; completes with the release. */
  readonly changes$: Subject<ExecState>;
}

/** The latest state and every later one. Whoever comes after the release gets the last. */
export const states = (exec: ExecSource): Observable<ExecState> =>
  new Observable((listener) => {
    const { latest, changes$ } = exec;
    const over = latest.phase === 'released';
    // Listens first: what a listener does about the present state may well bring about the next.
    if (!over) changes$.subscribe(listener);
    listener.next(latest);
    if (over) listener.complete();
  });

/** The state in which its exit is recorded, also when that was long ago, and the later ones. */
export const exited = (exec: ExecSource): Observable<ExecState> =>
  states(exec).pipe(filter((now) => now.state === 'exited'));
