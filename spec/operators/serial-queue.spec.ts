import { describe, expect, it } from '@jest/globals';
import { EMPTY, Observable, of, Subject, timer } from 'rxjs';
import { serialQueue } from '../../src/operators/serial-queue.js';
import { inMarbles } from '../support/marbles.js';

/** Work that does one thing and ends. */
const noting = (act: () => void): Observable<never> =>
  new Observable((listener) => {
    act();
    listener.complete();
  });

describe('serialQueue', () => {
  it('runs at once, synchronously, when the queue is empty', () => {
    inMarbles(({ scheduler }) => {
      const seen: number[] = [];
      serialQueue(scheduler)(of(1, 2)).subscribe((value) => seen.push(value));
      expect(seen).toEqual([1, 2]);
    });
  });

  it('performs one work at a time, in the order of arrival', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      const e1 = cold(' --a--|          ');
      const e1subs = '  ^----!          ';
      const e2 = cold('      -b|         ');
      const e2subs = '  -----^-!        ';
      const e3 = cold('        c---|     ');
      const e3subs = '  -------^---!    ';

      expectObservable(enqueue(e1)).toBe('--a--|');
      expectObservable(enqueue(e2)).toBe('------b|');
      expectObservable(enqueue(e3)).toBe('-------c---|');
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
      expectSubscriptions(e2.subscriptions).toBe(e2subs);
      expectSubscriptions(e3.subscriptions).toBe(e3subs);
    });
  });

  it('goes on to the next after work that fails', () => {
    inMarbles(({ cold, expectObservable, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      expectObservable(enqueue(cold('--#'))).toBe(' --#   ');
      expectObservable(enqueue(cold('  a-|'))).toBe('--a-|');
    });
  });

  it('goes on to the next after empty work', () => {
    inMarbles(({ cold, expectObservable, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      expectObservable(enqueue(cold('|'))).toBe('|');
      expectObservable(enqueue(cold('-|'))).toBe('-|');
    });
  });

  it('waits for ever behind work without a bound that never ends', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      const e2 = cold('|');
      expectObservable(enqueue(cold('-'))).toBe('-');
      expectObservable(enqueue(e2)).toBe('-');
      expectSubscriptions(e2.subscriptions).toBe([]);
    });
  });

  it('begins the next when the bound of one is over, which goes on and still answers', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      const e1 = cold(' ------a|  ');
      const e1subs = '  ^------!  ';
      const expected1 = '------a|  ';
      const e2 = cold('     b--|  ');
      const e2subs = '  ----^--!  ';
      const expected2 = '----b--|  ';

      expectObservable(enqueue(e1, { workTimeout: 4 })).toBe(expected1);
      expectObservable(enqueue(e2, { workTimeout: 4 })).toBe(expected2);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
      expectSubscriptions(e2.subscriptions).toBe(e2subs);
    });
  });

  it('starts one item for one end: the end of work that timed out starts none', () => {
    inMarbles(({ cold, expectObservable, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      expectObservable(enqueue(cold('-----|    '), { workTimeout: 2 })).toBe('-----|    ');
      expectObservable(enqueue(cold('  -------|'))).toBe('   ---------|'.trim());
      expectObservable(enqueue(cold('         a|'))).toBe(' ---------a|'.trim());
    });
  });

  it('gives up the place of one who leaves while waiting', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      const e1 = cold(' -----|   ');
      const e2 = cold(' a        ');
      const e3 = cold('      b-| ');
      const e3subs = '  -----^-! ';
      const expected3 = '-----b-| ';
      const unsub2 = '  --!      ';

      expectObservable(enqueue(e1)).toBe('-----|');
      expectObservable(enqueue(e2), unsub2).toBe('-');
      expectObservable(enqueue(e3)).toBe(expected3);
      expectSubscriptions(e2.subscriptions).toBe([]);
      expectSubscriptions(e3.subscriptions).toBe(e3subs);
    });
  });

  it('finishes work that is under way when its listener leaves, before the next begins', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      const e1 = cold(' -----|  ');
      const e1subs = '  ^----!  ';
      const unsub1 = '  --!     ';
      const expected2 = '-----b| ';

      expectObservable(enqueue(e1), unsub1).toBe('-');
      expectObservable(enqueue(cold('b|'))).toBe(expected2);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('drops what the work emits after an unsubscribe', () => {
    inMarbles(({ flush, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      const work$ = new Subject<string>();
      const seen: string[] = [];
      const subscription = enqueue(work$).subscribe({
        next: (v) => seen.push(v),
        error: () => seen.push('#'),
      });
      subscription.unsubscribe();
      work$.next('a');
      work$.error(new Error('no'));
      flush();
      expect(seen).toEqual([]);
    });
  });

  it('waits for its turn when asked from within the turn of another', () => {
    inMarbles(({ scheduler }) => {
      const enqueue = serialQueue(scheduler);
      const steps: string[] = [];
      const inner = enqueue(noting(() => steps.push('inner')));
      enqueue(
        new Observable<never>((listener) => {
          steps.push('outer begins');
          inner.subscribe();
          steps.push('outer ends');
          listener.complete();
        }),
      ).subscribe();
      expect(steps).toEqual(['outer begins', 'outer ends', 'inner']);
    });
  });

  it('lets many through that have waited long, without running out of stack', () => {
    inMarbles(({ flush, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      let performed = 0;
      enqueue(timer(5, scheduler)).subscribe();
      for (let i = 0; i < 20_000; i += 1) enqueue(noting(() => performed++)).subscribe();
      flush();
      expect(performed).toBe(20_000);
    });
  });

  it('sets no timer for work that ends at once, and leaves none behind', () => {
    inMarbles(({ cold, flush, scheduler }) => {
      const enqueue = serialQueue(scheduler);
      enqueue(EMPTY, { workTimeout: 500 }).subscribe();
      expect(scheduler.actions).toEqual([]);
      enqueue(cold('--|'), { workTimeout: 500 }).subscribe();
      flush();
      expect(scheduler.now()).toBe(2);
    });
  });

  it('keeps queues apart', () => {
    inMarbles(({ cold, expectObservable, scheduler }) => {
      expectObservable(serialQueue(scheduler)(cold('---|'))).toBe('---|');
      expectObservable(serialQueue(scheduler)(cold('a|'))).toBe('  a|'.trim());
    });
  });
});
