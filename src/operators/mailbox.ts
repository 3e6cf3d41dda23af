/**
 * A place to post facts from anywhere, also from within the delivery of another.
 *
 * A plain Subject would deliver the inner fact to everyone before the outer one has reached its later subscribers, who
 * then see history in the wrong order. A mailbox finishes one delivery before it begins the next. It is made for one
 * listener: what it learns is for it to share.
 */
import { Observable, type Subscriber } from 'rxjs';

export interface Mailbox<T> {
  /** What is posted from the subscription on. A second subscriber takes the place of the first. */
  readonly posted$: Observable<T>;
  /** Delivers at once, or right after the delivery that is under way. Does nothing once the mailbox is shut. */
  post(fact: T): void;
  /** Completes `posted$` after what is already posted. */
  shut(): void;
}

export const mailbox = <T>(): Mailbox<T> => {
  let listener: Subscriber<T> | undefined;
  let waiting: T[] | undefined;
  let delivering = false;
  let shut = false;

  const deliver = (fact: T): void => {
    delivering = true;
    try {
      listener?.next(fact);
      while (waiting !== undefined) {
        const batch = waiting;
        waiting = undefined;
        for (const late of batch) listener?.next(late);
      }
    } finally {
      delivering = false;
      if (shut) listener?.complete();
    }
  };

  return {
    posted$: new Observable((subscriber) => {
      listener = subscriber;
      if (shut) subscriber.complete();
    }),
    post: (fact) => {
      if (shut) return;
      if (!delivering) deliver(fact);
      else if (waiting === undefined) waiting = [fact];
      else waiting.push(fact);
    },
    shut: () => {
      shut = true;
      if (!delivering) listener?.complete();
    },
  };
};
