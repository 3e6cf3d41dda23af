import { expect, it } from '@jest/globals';
import { backoff } from '../../../../../src/streams/stdio/named/windows/backoff.js';

const waits = (next: (elapsed: number) => number | undefined, count: number) =>
  Array.from({ length: count }, () => next(0));

it('the wait for a reader grows by half each time, to a minute at the most', () => {
  const all = waits(
    backoff(0, () => 0.5),
    30,
  );
  expect(all.slice(0, 4)).toEqual([200, 300, 450, 675]);
  expect(all.at(-1)).toBe(60_000);
});

it('the wait for a reader is by chance a little more or less', () => {
  expect(backoff(0, () => 0)(0)).toBe(100);
  expect(backoff(0, () => 1)(0)).toBe(300);
});

it('there is no wait that would go beyond the budget', () => {
  const next = backoff(1_000, () => 0.5);
  expect(next(0)).toBe(200);
  expect(next(701)).toBeUndefined();
  expect(next(0)).toBe(450);
});
