import { describe, expect, it } from '@jest/globals';
import { concat, defer, NEVER, type Observable, of, tap } from 'rxjs';
import type { SettleFailure } from '../../src/operators/settle-within.js';
import { settledWithin } from '../../src/operators/settled-within.js';
import { inMarbles } from '../support/marbles.js';

describe('settledWithin', () => {
  it('completes when the act does, and passes none of its values on', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = cold('-a-b-|');
      const e1subs = ' ^----!';
      const expected = '-----|';

      expectObservable(settledWithin(() => e1, 9, scheduler)).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('completes at once for an empty act', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = cold('|   ');
      const e1subs = ' (^!)';
      const expected = '|   ';

      expectObservable(settledWithin(() => e1, 9, scheduler)).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('completes when the act fails, and says why to whom it concerns', () => {
    const failures: SettleFailure[] = [];
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = cold('---#');
      const e1subs = ' ^--!';
      const expected = '---|';

      expectObservable(
        settledWithin(
          () => e1,
          9,
          scheduler,
          (failure) => failures.push(failure),
        ),
      ).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
    expect(failures).toEqual([{ kind: 'failed', error: 'error' }]);
  });

  it('completes when the time of an act is up that never answers, and leaves the act', () => {
    const failures: SettleFailure[] = [];
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = cold('-a-------');
      const e1subs = ' ^---!    ';
      const expected = '----|    ';

      expectObservable(
        settledWithin(
          () => e1,
          4,
          scheduler,
          (failure) => failures.push(failure),
        ),
      ).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
    expect(failures).toEqual([{ kind: 'timedOut' }]);
  });

  it('completes for an act that throws before it is an Observable at all', () => {
    const failures: SettleFailure[] = [];
    inMarbles(({ expectObservable, scheduler }) => {
      const act = (): Observable<never> => {
        throw new Error('no');
      };
      expectObservable(settledWithin(act, 9, scheduler, (failure) => failures.push(failure))).toBe('|');
    });
    expect(failures).toEqual([{ kind: 'failed', error: new Error('no') }]);
  });

  it('acts only when subscribed to, and anew each time', () => {
    inMarbles(({ cold, expectObservable, scheduler }) => {
      let acts = 0;
      const act = (): Observable<string> => {
        acts += 1;
        return cold('-|');
      };
      const step = settledWithin(act, 9, scheduler);
      expect(acts).toBe(0);
      expectObservable(concat(step, step)).toBe('--|');
    });
  });

  it('lets the act go on when its listener leaves: what was asked cannot be taken back', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const e1 = cold('----|');
      const e1subs = ' ^---!';
      const expected = '-    ';
      const unsub = '  --!  ';

      expectObservable(
        settledWithin(() => e1, 9, scheduler),
        unsub,
      ).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('begins the next step only when the one before is over', () => {
    inMarbles(({ scheduler, flush }) => {
      const steps: string[] = [];
      const step = (name: string, act: Observable<unknown>) =>
        settledWithin(
          () => defer(() => act).pipe(tap({ subscribe: () => steps.push(`${scheduler.now()} ${name}`) })),
          5,
          scheduler,
        );
      concat(step('first', NEVER), step('second', of(1)), step('third', NEVER)).subscribe({
        complete: () => steps.push(`${scheduler.now()} |`),
      });
      flush();
      expect(steps).toEqual(['0 first', '5 second', '5 third', '10 |']);
    });
  });
});
