import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray, type Unsubscribable } from 'rxjs';
import { Direct, type DirectObserver } from '../../src/operators/direct.js';

/** Emits its values at once, then does what it is given to do, and notes when it is unsubscribed. */
class Emitting extends Direct<number> {
  unsubscribed = 0;
  readonly #end: (observer: DirectObserver<number>) => void;

  constructor(end: (observer: DirectObserver<number>) => void) {
    super();
    this.#end = end;
  }

  connect(observer: DirectObserver<number>): Unsubscribable {
    observer.next(1);
    observer.next(2);
    this.#end(observer);
    return { unsubscribe: () => (this.unsubscribed += 1) };
  }
}

describe('an Observable that can be connected directly', () => {
  it('emits to each subscriber as any other, and is unsubscribed when it completes', async () => {
    const emitting$ = new Emitting((observer) => observer.complete());
    expect(await lastValueFrom(emitting$.pipe(toArray()))).toEqual([1, 2]);
    expect(await lastValueFrom(emitting$.pipe(toArray()))).toEqual([1, 2]);
    expect(emitting$.unsubscribed).toBe(2);
  });

  it('is unsubscribed when its subscriber leaves', () => {
    const emitting$ = new Emitting(() => undefined);
    emitting$.subscribe().unsubscribe();
    expect(emitting$.unsubscribed).toBe(1);
  });

  it('fails for its subscriber where it throws', async () => {
    const emitting$ = new Emitting(() => {
      throw new Error('no');
    });
    await expect(lastValueFrom(emitting$)).rejects.toThrow('no');
  });
});
