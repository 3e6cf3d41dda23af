/** What Observables emit, held against marbles. */
import { describe, expect, it } from '@jest/globals';
import { concat, interval, map, NEVER, take, throwError } from 'rxjs';
import { inVirtualTime } from '../../../src/testing.js';
import { failing } from '../support.js';

describe('what an Observable emits', () => {
  it('is compared as the testers of rxjs do', () =>
    inVirtualTime(async ({ expectObservable, sleep, scheduler, system }) => {
      const ticks$ = interval(2, scheduler).pipe(take(3));
      expectObservable(ticks$.pipe(map(String))).toBe('--0-1-(2|)');
      expectObservable(ticks$.pipe(map((n) => ({ n })))).toBe('--a-b-(c|)', {
        a: { n: 0 },
        b: { n: 1 },
        c: { n: 2 },
      });
      const failing$ = concat(
        ticks$.pipe(take(0)),
        throwError(() => new Error('mine')),
      );
      expectObservable(failing$).toBe('#');
      expectObservable(failing$).toBe('#', {}, new Error('mine'));
      expectObservable(failing$).toBe('#', { '#': new Error('mine') });
      expectObservable(NEVER).toBe('-');
      expectObservable(system().exit$).toBe('');
      await sleep(4);
      expectObservable(ticks$.pipe(map(String))).toBe('------0-1-(2|)');
    }));

  it('is drawn where it differs', async () => {
    const { message } = await failing(({ expectObservable, scheduler }) => {
      const values$ = interval(2, scheduler).pipe(
        take(3),
        map((n) => (n === 1 ? 'b' : { n })),
      );
      expectObservable(values$).toBe('--a-b---(c|)', { a: { n: 0 }, c: { n: 5 } });
    });
    expect(message.split('\n')).toEqual([
      'the Observable emitted something else',
      '',
      '  expected  --a-b---(c|)   { a: { n: 0 }, c: { n: 5 } }',
      '  actual    --a-b-(x|)     { a: { n: 0 }, x: { n: 2 } }',
      '  expected at 8 ms: { n: 5 }, completed',
      '  actual   at 6 ms: { n: 2 }, completed',
    ]);
  });
});
