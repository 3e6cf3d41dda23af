import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, of, throwError } from 'rxjs';
import type { SettleFailure } from '../../src/operators/settle-within.js';
import { settledTo } from '../../src/operators/settled-to.js';
import { inMarbles } from '../support/marbles.js';

const no = new Error('no');
const outcome = (failure: SettleFailure | undefined): string =>
  failure === undefined ? 'd' : failure.kind === 'timedOut' ? 'o' : String(failure.error);

describe('settledTo', () => {
  it('emits what the outcome is made into, and completes', () => {
    inMarbles(({ cold, expectObservable }) => {
      expectObservable(settledTo(() => cold('-a-a|'), outcome)).toBe('----(d|)');
      expectObservable(settledTo(() => EMPTY, outcome)).toBe('(d|)');
      expectObservable(settledTo(() => of(1), outcome)).toBe('(d|)');
    });
  });

  it('makes a value of what is thrown or emitted as an error', () => {
    inMarbles(({ expectObservable }) => {
      const thrown = () => {
        throw no;
      };
      for (const act of [thrown, () => throwError(() => no)])
        expectObservable(settledTo(act, outcome)).toBe('(e|)', { e: 'Error: no' });
    });
  });

  it('times out, and has unsubscribed the act before it says so', () => {
    inMarbles(({ scheduler, hot, expectSubscriptions, flush }) => {
      const act$ = hot('-------|');
      const seen: string[] = [];
      settledTo(() => act$, outcome, { scheduler, within: 3 }).subscribe((value) => {
        seen.push(`${value} ${act$.subscriptions.at(-1)?.unsubscribedFrame}`);
      });
      flush();
      expect(seen).toEqual(['o 3']);
      expectSubscriptions(act$.subscriptions).toBe('^--!');
    });
  });

  it('waits for ever without a timeout, until it is unsubscribed', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const act$ = hot('--');
      expectObservable(
        settledTo(() => act$, outcome),
        '-----!',
      ).toBe('------');
      expectSubscriptions(act$.subscriptions).toBe('^----!');
    });
  });

  it('leaves no timer behind', () => {
    inMarbles(({ scheduler }) => {
      settledTo(() => NEVER, outcome, { scheduler, within: 3 })
        .subscribe()
        .unsubscribe();
      settledTo(() => EMPTY, outcome, { scheduler, within: 3 }).subscribe();
      expect(scheduler.actions).toEqual([]);
    });
  });
});
