/**
 * An Observable that can also be connected to an observer of the core, without the Subscriber that rxjs puts between any
 * Observable and its observer. Each exec subscribes to half a dozen of them in its life.
 */
import { Observable, type Observer, type Unsubscribable } from 'rxjs';

/** An observer that keeps the rules itself: it ignores what comes once it is closed, and its methods do not throw. */
export interface DirectObserver<T> extends Observer<T> {
  readonly closed: boolean;
}

/** For others it is an Observable as any other: `subscribe` connects it to a Subscriber. */
export abstract class Direct<T> extends Observable<T> {
  constructor() {
    super((listener) => this.connect(listener));
  }

  /**
   * Subscribes, without any guard: the observer unsubscribes from what this returns when it is closed, also if this has
   * closed it already, and takes an exception as an error.
   */
  abstract connect(observer: DirectObserver<T>): Unsubscribable | undefined;
}
