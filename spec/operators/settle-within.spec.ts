import { describe, expect, it } from '@jest/globals';
import { concat, EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { type SettleFailure, settleWithin } from '../../src/operators/settle-within.js';
import { inMarbles } from '../support/marbles.js';

const failed = (error: unknown): SettleFailure => ({ kind: 'failed', error });
const error = new Error('no');

describe('settleWithin', () => {
  it.each<[string, () => Observable<unknown>, string, SettleFailure | undefined]>([
    ['completes', () => EMPTY, '0', undefined],
    ['answers, more than once, and completes', () => of(1, 2, 3), '0', undefined],
    ['fails', () => throwError(() => error), '0', failed(error)],
    [
      'answers and then fails',
      () =>
        concat(
          of(1),
          throwError(() => error),
        ),
      '0',
      failed(error),
    ],
    ['never answers', () => NEVER, '7', { kind: 'timedOut' }],
    ['answers but never ends', () => concat(of(1), NEVER), '7', { kind: 'timedOut' }],
    [
      'throws',
      () => {
        throw error;
      },
      '0',
      failed(error),
    ],
    [
      'throws when subscribed to',
      () =>
        new Observable(() => {
          throw error;
        }),
      '0',
      failed(error),
    ],
    ['is no Observable', () => undefined as unknown as Observable<never>, '0', failed(expect.any(TypeError))],
  ])('goes on exactly once after an act that %s', (_, act, when, failure) => {
    const went: unknown[] = [];
    inMarbles(({ scheduler, flush }) => {
      settleWithin(act, 7, scheduler, (what) => went.push(String(scheduler.now()), what));
      flush();
    });
    expect(went).toEqual([when, failure]);
  });

  it('sets no timer for an act that ends at once, and leaves none behind for one that ends in time', () => {
    inMarbles(({ scheduler }) => {
      settleWithin(
        () => EMPTY,
        7,
        scheduler,
        () => undefined,
      );
      expect(scheduler.actions).toEqual([]);
    });
    inMarbles(({ cold, scheduler, flush }) => {
      settleWithin(
        () => cold('--|'),
        700,
        scheduler,
        () => undefined,
      );
      flush();
      expect(scheduler.now()).toBe(2);
    });
  });

  it('leaves an act whose time is up', () => {
    inMarbles(({ scheduler, flush }) => {
      const act$ = new Subject<never>();
      settleWithin(
        () => act$,
        7,
        scheduler,
        () => undefined,
      );
      expect(act$.observed).toBe(true);
      flush();
      expect(act$.observed).toBe(false);
    });
  });

  it('goes on once after an act of another library that says more than one end', () => {
    inMarbles(({ scheduler, flush }) => {
      let times = 0;
      const act = {
        subscribe: (listener: { error(error: unknown): void; complete(): void }) => {
          listener.complete();
          listener.error(error);
          listener.complete();
          return { unsubscribe: () => undefined };
        },
      };
      settleWithin(
        () => act as never,
        7,
        scheduler,
        () => {
          times += 1;
        },
      );
      flush();
      expect(times).toBe(1);
    });
  });

  it('goes on once when going on ends the act', () => {
    inMarbles(({ scheduler, flush }) => {
      const act$ = new Subject<never>();
      let times = 0;
      settleWithin(
        () => act$,
        7,
        scheduler,
        () => {
          times += 1;
          act$.complete();
          act$.error(error);
        },
      );
      flush();
      expect(times).toBe(1);
    });
  });
});
