import { expect, it } from '@jest/globals';
import { semaphore } from '../../../../src/hcs/windows/service/semaphore.js';

it('a semaphore lets as many through at a time as it is wide, in their order', () => {
  const two = semaphore(2);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  for (const number of [1, 2, 3, 4])
    two((done) => {
      started.push(number);
      ends.push(done);
    });
  expect(started).toEqual([1, 2]);
  ends[1]!();
  expect(started).toEqual([1, 2, 3]);
  ends[0]!();
  ends[2]!();
  expect(started).toEqual([1, 2, 3, 4]);
});

it('what goes through a narrow semaphore leaves room in the wide one behind it', () => {
  const wide = semaphore(3);
  const narrow = semaphore(2, wide);
  const started: string[] = [];
  for (const signal of ['a', 'b', 'c']) narrow(() => started.push(signal));
  wide(() => started.push('kill'));
  expect(started).toEqual(['a', 'b', 'kill']);
});
