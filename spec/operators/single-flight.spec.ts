import { describe, expect, it } from '@jest/globals';
import { defer, EMPTY, type Observable, of, Subject, throwError } from 'rxjs';
import { singleFlight } from '../../src/operators/single-flight.js';
import { inMarbles } from '../support/marbles.js';

describe('singleFlight', () => {
  it.each([
    ['empty', '|', '|'],
    ['never', '-', '-'],
    ['an error', '--#', '--#'],
    ['values', 'a-b-(c|)', 'a-b-(c|)'],
  ])('passes on %s as it is', (_what, source, expected) => {
    inMarbles(({ cold, expectObservable }) => {
      expectObservable(singleFlight(cold(source))).toBe(expected);
    });
  });

  it('gives all who subscribe during a run all of that run', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('     --a--b--|');
      const e1subs = '      ^-------!';
      const second = '      ---^     ';
      const expected1 = '   --a--b--|';
      const expected2 = '   ---a-b--|';
      const shared = singleFlight(e1);
      expectObservable(shared).toBe(expected1);
      expectObservable(shared, second).toBe(expected2);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('runs to its end also when all have left, and is shared until then', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('     --a--b--|  ');
      const unsub = '       ---!       ';
      const e1subs = '      ^-------!  ';
      const expected = '    --a-       ';
      expectObservable(singleFlight(e1), unsub).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('starts anew after the end, for one who hears of the end as well', () => {
    let runs = 0;
    const shared: Observable<number> = singleFlight(defer(() => of(++runs)));
    const seen: number[] = [];
    shared.subscribe({
      next: (run) => seen.push(run),
      complete: () => shared.subscribe((run) => seen.push(run)),
    });
    expect(seen).toEqual([1, 2]);
  });

  it('gives an error to all of a run, and starts anew after it', () => {
    const answers: Subject<never>[] = [];
    const shared = singleFlight(
      defer(() => {
        const answer = new Subject<never>();
        answers.push(answer);
        return answer;
      }),
    );
    const errors: unknown[] = [];
    const listen = () => shared.subscribe({ error: (error) => errors.push(error) });
    listen();
    listen();
    answers[0]?.error('busy');
    listen();
    expect(errors).toEqual(['busy', 'busy']);
    expect(answers).toHaveLength(2);
  });

  it('drops an error without a subscriber', () => {
    inMarbles(({ cold, expectObservable }) => {
      expectObservable(singleFlight(cold('--#')), '-!').toBe('--');
    });
    singleFlight(throwError(() => new Error('unheard'))).subscribe({ error: () => undefined });
    singleFlight(EMPTY).subscribe();
  });
});
