import { describe, expect, it } from '@jest/globals';
import { concat, EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { ask } from '../../src/operators/ask.js';

const error = new Error('no');
const answersTo = (act: () => Observable<string>): string[] => {
  const answers: string[] = [];
  ask(
    act,
    (answer) => answers.push(`answered ${answer}`),
    (why) => answers.push(`failed ${String(why)}`),
  );
  return answers;
};

describe('ask', () => {
  it.each<[string, () => Observable<string>, readonly string[]]>([
    ['answers', () => of('a'), ['answered a']],
    ['answers twice', () => of('a', 'b'), ['answered a']],
    [
      'answers and then fails',
      () =>
        concat(
          of('a'),
          throwError(() => error),
        ),
      ['answered a'],
    ],
    ['answers and never ends', () => concat(of('a'), NEVER), ['answered a']],
    ['fails', () => throwError(() => error), ['failed Error: no']],
    ['ends without an answer', () => EMPTY, ['failed undefined']],
    ['never answers', () => NEVER, []],
    [
      'throws',
      () => {
        throw error;
      },
      ['failed Error: no'],
    ],
    [
      'throws when subscribed to',
      () =>
        new Observable<string>(() => {
          throw error;
        }),
      ['failed Error: no'],
    ],
    [
      'answers and then throws',
      () =>
        new Observable<string>((listener) => {
          listener.next('a');
          throw error;
        }),
      ['answered a'],
    ],
    [
      'is no Observable',
      () => undefined as unknown as Observable<string>,
      [expect.stringMatching(/^failed TypeError/) as unknown as string],
    ],
  ])('hears exactly once of an act that %s', (_, act, received) => {
    expect(answersTo(act)).toEqual(received);
  });

  it('leaves the act after its answer, also when that came at once', () => {
    for (const early of [true, false]) {
      const more$ = new Subject<string>();
      answersTo(() => (early ? concat(of('a'), more$) : more$));
      more$.next('b');
      expect(more$.observed).toBe(false);
    }
  });

  it('hears once of an act that answers again while it is being answered', () => {
    const act$ = new Subject<string>();
    const answers: string[] = [];
    ask(
      () => act$,
      (answer) => {
        answers.push(answer);
        act$.next('b');
        act$.error(error);
      },
      () => answers.push('failed'),
    );
    act$.next('a');
    expect(answers).toEqual(['a']);
  });
});
