import { describe, expect, it } from '@jest/globals';
import { concat, EMPTY, Observable, of, Subject, throwError } from 'rxjs';
import { firstOr } from '../../src/operators/first-or.js';
import { inMarbles } from '../support/marbles.js';

const upper = (value: string): string => value.toUpperCase();
const lost = (error: unknown): string => (error === undefined ? 'none' : `lost: ${String(error)}`);
const values = { A: 'A', n: 'none', l: 'lost: error' };

describe('firstOr', () => {
  it('answers with the first value and leaves the source', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const e1 = hot(' --a--b--|   ');
      const e1subs = ' ^-!         ';
      const expected = '--(A|)      ';

      expectObservable(e1.pipe(firstOr(upper, lost))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('answers with the fallback for a source that ends without a value', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('---|   ');
      const e1subs = ' ^--!   ';
      const expected = '---(n|)';

      expectObservable(e1.pipe(firstOr(upper, lost))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('answers with the fallback for an empty source', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('|   ');
      const e1subs = ' (^!)';
      const expected = '(n|)';

      expectObservable(e1.pipe(firstOr(upper, lost))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('turns an error into the fallback', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('--#   ');
      const e1subs = ' ^-!   ';
      const expected = '--(l|)';

      expectObservable(e1.pipe(firstOr(upper, lost))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('waits for ever for a source that never answers', () => {
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('-');
      const e1subs = ' ^';
      const expected = '-';

      expectObservable(e1.pipe(firstOr(upper, lost))).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('leaves the source when its listener leaves', () => {
    inMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const e1 = hot(' ----a--|');
      const e1subs = ' ^-!     ';
      const expected = '---     ';
      const unsub = '  --!     ';

      expectObservable(e1.pipe(firstOr(upper, lost)), unsub).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(e1subs);
    });
  });

  it('answers once for a source that says everything at once', () => {
    const seen: string[] = [];
    concat(
      of('a', 'b'),
      throwError(() => new Error('late')),
    )
      .pipe(firstOr(upper, lost))
      .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('|') });
    expect(seen).toEqual(['A', '|']);
  });

  it('answers once for a source that answers again while it is being answered', () => {
    const source = new Subject<string>();
    const seen: string[] = [];
    source.pipe(firstOr(upper, lost)).subscribe((value) => {
      seen.push(value);
      source.next('again');
      source.error('never mind');
    });
    source.next('a');
    expect(seen).toEqual(['A']);
    expect(source.observed).toBe(false);
  });

  it('answers with the fallback for a value of which nothing can be made', () => {
    const seen: string[] = [];
    of(undefined as unknown as string)
      .pipe(firstOr(upper, (error) => (error instanceof TypeError ? 'nonsense' : 'none')))
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual(['nonsense']);
  });

  it('answers with the fallback for a source that throws when it is subscribed to', () => {
    const throwing = new Observable<string>(() => {
      throw new Error('no');
    });
    const seen: string[] = [];
    throwing.pipe(firstOr(upper, lost)).subscribe((value) => seen.push(value));
    expect(seen).toEqual(['lost: Error: no']);
  });

  it('answers anew for each subscriber', () => {
    const answers: string[] = [];
    const source$ = EMPTY.pipe(firstOr(upper, lost));
    source$.subscribe((value) => answers.push(value));
    source$.subscribe((value) => answers.push(value));
    expect(answers).toEqual(['none', 'none']);
  });
});
