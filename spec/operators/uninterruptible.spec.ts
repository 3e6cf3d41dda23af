import { describe, expect, it } from '@jest/globals';
import { defer, of } from 'rxjs';
import { uninterruptible } from '../../src/operators/uninterruptible.js';
import { inMarbles } from '../support/marbles.js';

describe('uninterruptible', () => {
  it.each([
    ['empty', '|', '|'],
    ['never', '-', '-'],
    ['an error', '--#', '--#'],
    ['values', 'a-b-(c|)', 'a-b-(c|)'],
  ])('passes on %s as it is', (_what, source, expected) => {
    inMarbles(({ cold, expectObservable }) => {
      expectObservable(cold(source).pipe(uninterruptible())).toBe(expected);
    });
  });

  it('goes on to the end of the work when its listener has left', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('     --a--b--|  ');
      const unsub = '       ---!       ';
      const e1subs = '      ^-------!  ';
      const expected = '    --a-       ';
      expectObservable(e1.pipe(uninterruptible()), unsub).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('asks anew for each listener, and nothing before the first', () => {
    let asked = 0;
    const work = defer(() => {
      asked += 1;
      return of(asked);
    }).pipe(uninterruptible());
    expect(asked).toBe(0);
    work.subscribe();
    work.subscribe();
    expect(asked).toBe(2);
  });
});
