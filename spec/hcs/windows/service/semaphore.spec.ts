import { expect, it } from '@jest/globals';
import { semaphore } from '../../../../src/hcs/windows/service/semaphore.js';

it('a semaphore lets as many through at a time as it is wide, in their order', () => {
  const two = semaphore(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  for (const number of [1, 2, 3, 4])
    two((done) => {
      begun.push(number);
      ends.push(done);
    });
  expect(begun).toEqual([1, 2]);
  ends[1]!();
  expect(begun).toEqual([1, 2, 3]);
  ends[0]!();
  ends[2]!();
  expect(begun).toEqual([1, 2, 3, 4]);
});

it('what goes through a narrow semaphore leaves room in the wide one behind it', () => {
  const wide = semaphore(3);
  const narrow = semaphore(2, wide);
  const begun: string[] = [];
  for (const signal of ['a', 'b', 'c']) narrow(() => begun.push(signal));
  wide(() => begun.push('kill'));
  expect(begun).toEqual(['a', 'b', 'kill']);
});
