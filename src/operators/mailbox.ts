/**
 * A place to post facts from anywhere, also from within the delivery of another.
 *
 * A plain Subject would deliver the inner fact to everyone before the outer one has reached its later subscribers, who
 * then see history in the wrong order. A mailbox finishes one delivery before it begins the next.
 */
import { type Observable, Subject } from 'rxjs';

export interface Mailbox<T> {
  readonly posted$: Observable<T>;
  /** Delivers at once, or right after the delivery that is under way. Does nothing once the mailbox is shut. */
  post(fact: T): void;
  /** Completes `posted$` after what is already posted. */
  shut(): void;
}

export const mailbox = <T>(): Mailbox<T> => {
  const posted$ = new Subject<T>();
  let waiting: T[] | undefined;
  let delivering = false;
  let shut = false;

  const deliver = (fact: T): void => {
    delivering = true;
    try {
      posted$.next(fact);
      while (waiting !== undefined) {
        const batch = waiting;
        waiting = undefined;
        for (const late of batch) posted$.next(late);
      }
    } finally {
      delivering = false;
      if (shut) posted$.complete();
    }
  };

  return {
    posted$,
    post: (fact) => {
      if (shut) return;
      if (!delivering) deliver(fact);
      else if (waiting === undefined) waiting = [fact];
      else waiting.push(fact);
    },
    shut: () => {
      shut = true;
      if (!delivering) posted$.complete();
    },
  };
};
