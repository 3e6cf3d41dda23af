import { describe, expect, it } from '@jest/globals';
import { EMPTY, ignoreElements, NEVER, Observable, of, throwError, timer } from 'rxjs';
import type { SettleFailure } from '../../src/operators/settle-within.js';
import { type Step, steps } from '../../src/operators/steps.js';
import { inMarbles } from '../support/marbles.js';

const no = new Error('no');

describe('steps', () => {
  it('performs one after another, then emits what comes last', () => {
    inMarbles(({ scheduler, expectObservable }) => {
      const lasting = (ms: number): Step => ({ act: () => timer(ms, scheduler), within: 9 });
      expectObservable(steps([lasting(2), lasting(3)], scheduler, () => 'x')).toBe('-----(x|)');
    });
  });

  it('asks nothing before it is subscribed to, and asks anew for each subscription', () => {
    inMarbles(({ scheduler }) => {
      let asked = 0;
      const act = () => {
        asked += 1;
        return of(1);
      };
      const steps$ = steps([{ act, within: 1 }], scheduler);
      expect(asked).toBe(0);
      steps$.subscribe();
      steps$.subscribe();
      expect(asked).toBe(2);
    });
  });

  it('goes on when a step fails, throws or times out, and says what happened', () => {
    inMarbles(({ scheduler, expectObservable, flush }) => {
      const failures: SettleFailure[] = [];
      const failing = (act: () => Observable<unknown>): Step => ({
        act,
        within: 4,
        onFailure: (failure) => failures.push(failure),
      });
      const thrown = failing(() => {
        throw no;
      });
      const sequence = [
        failing(() => throwError(() => no)),
        thrown,
        failing(() => NEVER),
        failing(() => EMPTY),
      ];
      expectObservable(steps(sequence, scheduler, () => 'x')).toBe('----(x|)');
      flush();
      expect(failures).toEqual([
        { kind: 'failed', error: no },
        { kind: 'failed', error: no },
        { kind: 'timedOut' },
      ]);
    });
  });

  it('unsubscribes the step that times out before it begins the next', () => {
    inMarbles(({ scheduler, flush }) => {
      const log: string[] = [];
      const act = (name: string) => () =>
        new Observable<never>(() => {
          log.push(`${name} begins`);
          return () => log.push(`${name} ends`);
        });
      steps(
        ['a', 'b'].map((name) => ({
          act: act(name),
          within: 2,
          onFailure: () => log.push(`${name} failed`),
        })),
        scheduler,
      ).subscribe({ complete: () => log.push('complete') });
      flush();
      expect(log).toEqual(['a begins', 'a ends', 'a failed', 'b begins', 'b ends', 'b failed', 'complete']);
    });
  });

  it('completes without a value when there is none to come last', () => {
    inMarbles(({ scheduler, expectObservable }) => {
      expectObservable(steps([], scheduler)).toBe('|');
      expectObservable(steps([{ act: () => EMPTY, within: 1 }], scheduler, () => undefined)).toBe('|');
    });
  });

  it('ends the step that is under way when it is unsubscribed, and begins no other', () => {
    inMarbles(({ scheduler, hot, expectObservable, expectSubscriptions, flush }) => {
      const first$ = hot('-----|');
      let others = 0;
      const second = () => {
        others += 1;
        return EMPTY;
      };
      const sequence: Step[] = [
        { act: () => first$, within: 9 },
        { act: second, within: 9 },
      ];
      expectObservable(steps(sequence, scheduler), '--!').toBe('---');
      expectSubscriptions(first$.subscriptions).toBe('^-!');
      flush();
      expect(others).toBe(0);
    });
  });

  it('begins no other when it is unsubscribed from within a step', () => {
    inMarbles(({ scheduler, flush }) => {
      let others = 0;
      const second = () => {
        others += 1;
        return EMPTY;
      };
      const subscription = steps(
        [
          { act: () => timer(1, scheduler).pipe(ignoreElements()), within: 9 },
          {
            act: () => {
              subscription.unsubscribe();
              return NEVER;
            },
            within: 9,
          },
          { act: second, within: 9 },
        ],
        scheduler,
      ).subscribe();
      flush();
      expect(others).toBe(0);
      expect(scheduler.actions).toEqual([]);
    });
  });

  it('does not deepen the stack with steps that complete at once, and sets no timer for them', () => {
    inMarbles(({ scheduler }) => {
      const sequence = Array.from({ length: 20_000 }, (): Step => ({ act: () => of(1), within: 5 }));
      let last = '';
      steps(sequence, scheduler, () => 'x').subscribe((value) => (last = value));
      expect(last).toBe('x');
      expect(scheduler.actions).toEqual([]);
    });
  });
});
