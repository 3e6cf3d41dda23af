/**
 * An Observable of one value that is known already, as `of` makes. It can be recognised, so that a consumer that asks for many
 * of them takes the value and saves the subscription.
 */
import { Observable } from 'rxjs';

/** Emits its value when subscribed to, and completes. */
export class Known<T> extends Observable<T> {
  readonly value: T;

  constructor(value: T) {
    super((listener) => {
      listener.next(value);
      listener.complete();
    });
    this.value = value;
  }
}

export const known = <T>(value: T): Observable<T> => new Known(value);
