/**
 * Replaces running work by a new version without a gap: the old version is stopped only when the new one is ready. A new
 * version that does not get ready is stopped, and the old one runs on.
 */
import { concatMap, Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { RunError } from '../run/run-error.js';
import type { RunResult } from '../run/run-interface.js';
import type { Begun } from '../run/stoppable.js';
import { requireFunction } from '../streams/arguments.js';
import type { ReadyEvent, Work } from './settled.js';

/** The events of a rollout. */
export type RolloutEvent<V> =
  | { readonly kind: 'started'; readonly version: V; readonly pid: number }
  | (ReadyEvent & { readonly version: V })
  /** The reason why the version was not ready in time, or ended before. The version before it still runs. */
  | { readonly kind: 'rolled back'; readonly version: V; readonly error: unknown }
  /** The version was replaced, and nothing of it is left. */
  | { readonly kind: 'stopped'; readonly version: V; readonly result: RunResult<unknown> | undefined }
  /** The running version ended by itself. */
  | { readonly kind: 'ended'; readonly version: V; readonly result: RunResult<unknown> | undefined };

/**
 * Returns an operator that rolls out each version that comes, one after the other. `project` returns it as work that says
 * when it is ready: `readyWhen(…)`.
 *
 * Completes when no version comes any more and the last one has ended. Unsubscribing stops all that run.
 *
 * @example
 * versions$.pipe(rollout((image) => readyWhen(run(task, ['serve', image]), { http: 'http://localhost:8080/' })));
 */
export const rollout = <V>(project: (version: V) => Work): OperatorFunction<V, RolloutEvent<V>> => {
  requireFunction('project', project);
  return (source) =>
    new Observable((listener) => {
      const state: State<V> = { listener, current: undefined, all: new Set(), sourceDone: false };
      const rolling = source.pipe(concatMap((version) => replaced(state, version, project))).subscribe({
        error: (error) => listener.error(error),
        complete: () => {
          state.sourceDone = true;
          completeIfDone(state);
        },
      });
      return () => {
        rolling.unsubscribe();
        for (const { stop } of state.all) stop();
      };
    });
};

interface State<V> {
  readonly listener: Subscriber<RolloutEvent<V>>;
  /** The version that was ready last. */
  current: Version<V> | undefined;
  readonly all: Set<Version<V>>;
  sourceDone: boolean;
}

interface Version<V> extends Begun {
  readonly version: V;
  /** Called when nothing of it is left. */
  onGone: (result: RunResult<unknown> | undefined, error: unknown) => void;
}

const completeIfDone = <V>({ sourceDone, all, listener }: State<V>): void => {
  if (sourceDone && all.size === 0) listener.complete();
};

/** Completes when only one of the two versions runs. */
const replaced = <V>(state: State<V>, version: V, project: (version: V) => Work): Observable<never> =>
  new Observable((rolled) => {
    const { listener } = state;
    const ended = (result: RunResult<unknown> | undefined): void => {
      if (state.current === next) state.current = undefined;
      listener.next({ kind: 'ended', version, result });
    };
    const ready = (event: ReadyEvent): void => {
      listener.next({ ...event, version });
      const old = state.current;
      state.current = next;
      next.onGone = ended;
      if (old === undefined) return rolled.complete();
      old.onGone = (result) => {
        listener.next({ kind: 'stopped', version: old.version, result });
        rolled.complete();
      };
      old.stop();
    };
    const next: Version<V> = {
      version,
      stop: () => begun.stop(),
      onGone: (result, error) => {
        listener.next({ kind: 'rolled back', version, error: error ?? result });
        rolled.complete();
      },
    };
    let result: RunResult<unknown> | undefined;
    let failure: unknown;
    const begun = project(version).begin({
      next: (event) => {
        if (event.kind === 'started') listener.next({ kind: 'started', version, pid: event.pid });
        if (event.kind === 'ready') ready(event);
        if (event.kind === 'result') result = event;
      },
      error: (error) => {
        failure = error;
        if (error instanceof RunError) ({ result } = error);
      },
      complete: () => undefined,
    });
    state.all.add(next);
    begun.gone$.subscribe({
      complete: () => {
        state.all.delete(next);
        next.onGone(result, failure);
        completeIfDone(state);
      },
    });
  });
