import { describe, expect, it, jest } from '@jest/globals';
import { EMPTY, ignoreElements, NEVER, Observable, type ObservableInput, scan, tap } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { drainedWithin } from '../../src/operators/drained-within.js';
import { inMarbles } from '../support/marbles.js';

const values = { t: 'through', c: 'cut' };

/** A copy whose source says `m` whenever a byte has moved. */
const copyOf = (
  source: Observable<string>,
  bounds: { cap: number; idle?: number },
  scheduler: TestScheduler,
): Observable<string> => {
  let bytes = 0;
  return new Observable((listener) =>
    source
      .pipe(
        scan((moved) => (bytes = moved + 1), 0),
        drainedWithin({ ...bounds, moved: () => bytes, scheduler }),
      )
      .subscribe(listener),
  );
};

describe('drainedWithin', () => {
  it('is through when the copy is', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = hot(' --m--|   ');
      const e1subs = ' ^----!   ';
      const expected = '-----(t|)';

      expectObservable(copyOf(e1, { cap: 9 }, scheduler)).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('is through when the copy breaks: that is over too', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = hot(' --m--#   ');
      const e1subs = ' ^----!   ';
      const expected = '-----(t|)';

      expectObservable(copyOf(e1, { cap: 9 }, scheduler)).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('is through at once, without a timer, when everything was copied already', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = cold('|   ');
      const e1subs = ' (^!)';
      const expected = '(t|)';

      expectObservable(copyOf(e1, { cap: 9, idle: 2 }, scheduler)).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
    inMarbles(({ scheduler }) => {
      const schedule = jest.spyOn(scheduler, 'schedule');
      EMPTY.pipe(drainedWithin({ cap: 9, idle: 2, moved: () => 0, scheduler })).subscribe();
      expect(schedule).not.toHaveBeenCalled();
    });
  });

  it('is cut at the cap, however busily it copies', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = hot(' mmmmmmmmmm|');
      const e1subs = ' ^---!      ';
      const expected = '----(c|)   ';

      expectObservable(copyOf(e1, { cap: 4 }, scheduler)).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('is cut at the cap when the copy never ends', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = cold('-       ');
      const e1subs = ' ^---!   ';
      const expected = '----(c|)';

      expectObservable(copyOf(e1, { cap: 4 }, scheduler)).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('is cut at once by a cap of nothing, unless it is through', () => {
    inMarbles(({ cold, expectObservable, scheduler }) => {
      expectObservable(copyOf(cold('-'), { cap: 0 }, scheduler)).toBe('(c|)', values);
      expectObservable(copyOf(cold('|'), { cap: 0 }, scheduler)).toBe('(t|)', values);
    });
  });

  it('is cut before the cap when no bytes move for as long as idle says', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = hot(' -m-m-m------|  ');
      const e1subs = ' ^-----------!  ';
      const expected = '------------(t|)';
      const timedOut = '---------(c|)  ';

      expectObservable(copyOf(e1, { cap: 99, idle: 9 }, scheduler)).toBe(expected, values);
      expectObservable(copyOf(e1, { cap: 99, idle: 3 }, scheduler)).toBe(timedOut, values);
      expectSubscriptions(e1.subscriptions).toBe([e1subs, '^--------!      ']);
    });
  });

  it('is not cut while bytes still move, as idle sees it', () => {
    inMarbles(({ hot, expectObservable, scheduler }) => {
      const e1 = hot(' -m-m-m-m-m-m-m-m|   ');
      const expected = '----------------(t|)';

      expectObservable(copyOf(e1, { cap: 99, idle: 2 }, scheduler)).toBe(expected, values);
    });
  });

  it('leaves the copy and every timer when its listener leaves', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions, scheduler, flush }) => {
      const e1 = hot(' m-m-m-|');
      const e1subs = ' ^--!   ';
      const expected = '----   ';
      const unsub = '  ---!   ';

      expectObservable(copyOf(e1, { cap: 9, idle: 2 }, scheduler), unsub).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
      flush();
      expect(scheduler.frame).toBeLessThan(9);
    });
  });

  it('answers once, also when the copy ends because it was cut', () => {
    inMarbles(({ flush, scheduler }) => {
      let end = (): void => undefined;
      const copy = new Observable<never>((listener) => {
        end = () => listener.complete();
      });
      const outcomes: string[] = [];
      copy.pipe(drainedWithin({ cap: 3, moved: () => 0, scheduler })).subscribe((outcome) => {
        outcomes.push(outcome);
        end();
      });
      flush();
      expect(outcomes).toEqual(['cut']);
    });
  });

  it('takes a copy for stuck whose bytes cannot be counted', () => {
    inMarbles(({ flush, scheduler }) => {
      const outcomes: string[] = [];
      const never: ObservableInput<never> = new Observable<never>(() => undefined);
      const moved = (): number => {
        throw new Error('no idea');
      };
      never.pipe(drainedWithin({ cap: 9, idle: 2, moved, scheduler })).subscribe((outcome) => {
        outcomes.push(`${scheduler.now()} ${outcome}`);
      });
      flush();
      expect(outcomes).toEqual(['2 cut']);
    });
  });

  describe('with something owed to the reader', () => {
    /** `p` pays, and the debt is settled with the letter after the last of them. */
    const owing = (
      payments: Observable<string>,
      source: Observable<never>,
      bounds: { cap: number; idle?: number; stall?: number },
      scheduler: TestScheduler,
    ): Observable<string> => {
      let bytes = 0;
      const owed$ = payments.pipe(
        tap(() => (bytes += 1)),
        ignoreElements(),
      );
      return source.pipe(drainedWithin({ ...bounds, moved: () => bytes, owed$, scheduler }));
    };

    it('is not cut at the cap while a slow reader takes what it is owed, and is through when it has it', () => {
      inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
        const owed = cold('  -p-p-p-p-p-p-p|');
        const source = cold('--------------|');
        const ownsubs = '    ^-------------!';
        const expected = '   --------------(t|)';

        const drained = owing(owed, source.pipe(ignoreElements()), { cap: 4, stall: 3 }, scheduler);
        expectObservable(drained).toBe(expected, values);
        expectSubscriptions(owed.subscriptions).toBe(ownsubs);
      });
    });

    it('is cut at once when the reader has what it is owed and the cap is over', () => {
      inMarbles(({ cold, expectObservable, scheduler }) => {
        const owed = cold('  -p-p-p-p|');
        const expected = '   --------(c|)';

        expectObservable(owing(owed, NEVER, { cap: 4, stall: 3 }, scheduler)).toBe(expected, values);
      });
    });

    it('is cut at the cap when the reader has had what it was owed before', () => {
      inMarbles(({ cold, expectObservable, scheduler }) => {
        const owed = cold('  -p|');
        const expected = '   ------(c|)';

        expectObservable(owing(owed, NEVER, { cap: 6, stall: 3 }, scheduler)).toBe(expected, values);
      });
    });

    it('is cut when the reader takes nothing for as long as stall says', () => {
      inMarbles(({ cold, expectObservable, scheduler }) => {
        const owed = cold('  -p---------------');
        const expected = '   --------(c|)';

        expectObservable(owing(owed, NEVER, { cap: 2, stall: 4 }, scheduler)).toBe(expected, values);
      });
    });

    it('is not cut for the silence of others while something is owed', () => {
      inMarbles(({ cold, expectObservable, scheduler }) => {
        const owed = cold('  -----p-----p|');
        const expected = '   --------------(c|)';

        const drained = owing(owed, NEVER, { cap: 99, idle: 2, stall: 7 }, scheduler);
        expectObservable(drained).toBe(expected, values);
      });
    });

    it('is cut at the cap all the same when the policy owes nothing', () => {
      inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
        const owed = cold('  -p-p-p-p-p-p-p|');
        const expected = '   ----(c|)';

        expectObservable(owing(owed, NEVER, { cap: 4, stall: 0 }, scheduler)).toBe(expected, values);
        expectSubscriptions(owed.subscriptions).toBe([]);
      });
    });

    it('leaves every timer and the debt when its listener leaves', () => {
      inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler, flush }) => {
        const owed = cold('  -p-p-p-p-p-p-p|');
        const owedsubs = '   ^--!';
        const unsub = '      ---!';

        expectObservable(owing(owed, NEVER, { cap: 4, idle: 2, stall: 3 }, scheduler), unsub).toBe('----');
        expectSubscriptions(owed.subscriptions).toBe(owedsubs);
        flush();
        expect(scheduler.frame).toBeLessThan(9);
      });
    });
  });
});
