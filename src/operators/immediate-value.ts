/** Reading what an Observable has ready, without waiting for it. */
import type { Observable } from 'rxjs';

/** The first value that a source emits while it is being subscribed to, or `undefined`. An error counts as no value. */
export const immediateValue = <T>(source: Observable<T>): T | undefined => {
  let first: T | undefined;
  source.subscribe({ next: (value) => (first ??= value), error: () => undefined }).unsubscribe();
  return first;
};
