/**
 * The end of a compute system, for any number of execs in it, over one subscription.
 *
 * An engine's `exit$` may be any Observable; with ten thousand execs in a container it should not have ten thousand
 * subscribers, of which each leaves in time proportional to all the others.
 */
import type { Observable, Unsubscribable } from 'rxjs';
import type { ComputeSystem } from '../../../hcs/contract/compute-system.js';
import { Direct, type DirectObserver } from '../../../operators/direct.js';

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
  new ContainerExit(system, result);

class ContainerExit<T> extends Direct<T> {
  readonly #system: ComputeSystem;
  readonly #result: () => T;

  constructor(system: ComputeSystem, result: () => T) {
    super();
    this.#system = system;
    this.#result = result;
  }

  connect(observer: DirectObserver<T>): Unsubscribable | undefined {
    const watch = watches.get(this.#system) ?? begin(this.#system);
    const emit = (): void => {
      observer.next(this.#result());
      observer.complete();
    };
    if (watch.gone) {
      emit();
      return undefined;
    }
    watch.listeners.add(emit);
    return { unsubscribe: () => watch.listeners.delete(emit) };
  }
}

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
