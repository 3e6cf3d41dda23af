import { describe, it } from '@jest/globals';
import { of } from 'rxjs';
import { known } from '../../src/operators/known.js';
import { mergeOne } from '../../src/operators/merge-one.js';
import { inMarbles } from '../support/marbles.js';

describe('mergeOne', () => {
  it('emits what the projection emits, which may outlive the source', () => {
    inMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const e1 = hot('  --a|       ');
      const inner$ = cold('--x-y|  ');
      const e1subs = '  ^--!       ';
      const expected = '----x-y|   ';

      expectObservable(e1.pipe(mergeOne(() => inner$))).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
      expectSubscriptions(inner$.subscriptions).toBe('--^----!');
    });
  });

  it('emits a known value at once, and leaves the source', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const e1 = hot('  --a--|');
      const expected = '--(x|)';

      expectObservable(e1.pipe(mergeOne(() => known('x')))).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe('^-!');
    });
  });

  it('completes with a source that emits nothing, and fails with one that fails', () => {
    inMarbles(({ hot, expectObservable }) => {
      expectObservable(hot('--|').pipe(mergeOne(() => of('x')))).toBe('--|');
      expectObservable(hot('--#').pipe(mergeOne(() => of('x')))).toBe('--#');
    });
  });

  it('fails with a projection that fails or throws', () => {
    inMarbles(({ hot, cold, expectObservable }) => {
      const throwing = (): never => {
        throw 'error';
      };
      expectObservable(hot('--a|').pipe(mergeOne(() => cold('-#')))).toBe('---#');
      expectObservable(hot('--a|').pipe(mergeOne(throwing))).toBe('--#');
    });
  });

  it('leaves source and projection when its listener leaves', () => {
    inMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const e1 = hot('  --a-----');
      const inner$ = cold('--x---');
      const unsub = '   -----!';

      expectObservable(e1.pipe(mergeOne(() => inner$)), unsub).toBe('----x');
      expectSubscriptions(e1.subscriptions).toBe('^----!');
      expectSubscriptions(inner$.subscriptions).toBe('--^--!');
    });
  });
});
