/**
 * Where the streams of an exec come from: its latest state, and every later one.
 */
import type { Tracer } from '@opentelemetry/api';
import { filter, Observable } from 'rxjs';
import type { UpstreamIo } from '../stdio/upstream.js';
import { isShown, publicState } from './state/public-state.js';
import type { ExecState, State } from './state/state.js';
import type { ExecIdentity } from './status.js';

/** The part of a loop that streams are made from. */
export interface ExecSource {
  readonly ports: {
    readonly options: ExecIdentity & { readonly upstream: UpstreamIo; readonly tracer?: Tracer };
  };
  /** The latest state. Already the new one while subscribers are notified of it. */
  readonly state: State;
  /** Every later state. */
  readonly changes$: Observable<State>;
  /** Completes with the release. */
  readonly over$: Observable<never>;
}

/** The latest state and every later one; completes with the release. A subscriber after that gets the last. */
export const states = (exec: ExecSource): Observable<State> =>
  new Observable((listener) => {
    const latest = exec.state;
    const over = latest.phase === 'released';
    // Subscribes first: a listener may cause the next state while it gets the present one.
    if (!over) {
      listener.add(
        exec.changes$.subscribe((next) => {
          listener.next(next);
          if (next.phase === 'released') listener.complete();
        }),
      );
    }
    listener.next(latest);
    if (over) listener.complete();
  });

/** The same for users: without the steps that concern the exec alone, and with the original errors. */
export const publicStates = (exec: ExecSource): Observable<ExecState> =>
  new Observable((listener) => {
    let shown: State | undefined;
    return states(exec).subscribe({
      next: (state) => {
        if (isShown(state, shown)) return;
        shown = state;
        listener.next(publicState(state));
      },
      complete: () => listener.complete(),
    });
  });

/** The state in which its exit is recorded, also when that was long ago, and the later ones. */
export const exited = (exec: ExecSource): Observable<State> =>
  states(exec).pipe(filter((now) => now.state === 'exited'));

/** Emits the projection of the last state, once the exec is released and all subscribers of its states have been notified. */
export const released = <T>(exec: ExecSource, project: (last: State) => T): Observable<T> =>
  new Observable((listener) =>
    exec.over$.subscribe({
      complete: () => {
        listener.next(project(exec.state));
        listener.complete();
      },
    }),
  );
