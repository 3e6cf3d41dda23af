/**
 * Accepts facts from anywhere, even during the delivery of another fact, and delivers them one by one.
 *
 * A plain Subject would deliver the inner fact to all subscribers before the outer one has reached the later ones, who
 * would see them in the wrong order. A mailbox finishes one delivery before it starts the next. It has one subscriber,
 * which shares the facts.
 */
import { Observable, type Subscriber } from 'rxjs';

export interface Mailbox<T> {
  /** The facts posted from the subscription on. A second subscriber replaces the first. */
  readonly posted$: Observable<T>;
  /** Delivers at once, or after the delivery in progress. Does nothing once the mailbox is shut. */
  post(fact: T): void;
  /** Completes `posted$` after the facts that are already posted. */
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
