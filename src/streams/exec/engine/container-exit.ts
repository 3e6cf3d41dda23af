/**
 * The end of a compute system, for any number of execs in it, over one subscription.
 *
 * An engine's `exit$` may be any Observable; with ten thousand execs in a container it should not have ten thousand
 * subscribers, of which each leaves in time proportional to all the others.
 */
import { Observable } from 'rxjs';
import type { ComputeSystem } from '../../../hcs/contract/compute-system.js';

interface Watch {
  gone: boolean;
  readonly listeners: Set<() => void>;
}

const watches = new WeakMap<ComputeSystem, Watch>();

/**
 * Emits the `result` when the system has ended, and completes; at once if it has ended already. An `exit$` that fails,
 * or completes without a value, counts as ended.
 */
export const containerExit = <T>(system: ComputeSystem, result: () => T): Observable<T> =>
  new Observable((listener) => {
    const watch = watches.get(system) ?? begin(system);
    const emit = (): void => {
      listener.next(result());
      listener.complete();
    };
    if (watch.gone) return emit();
    watch.listeners.add(emit);
    return () => watch.listeners.delete(emit);
  });

const begin = (system: ComputeSystem): Watch => {
  const watch: Watch = { gone: false, listeners: new Set() };
  watches.set(system, watch);
  const gone = (): void => {
    if (watch.gone) return;
    watch.gone = true;
    // A listener may unsubscribe, or create another exec, while it is notified.
    for (const emit of [...watch.listeners]) if (watch.listeners.has(emit)) emit();
  };
  system.exit$.subscribe({ next: gone, error: gone, complete: gone });
  return watch;
};
