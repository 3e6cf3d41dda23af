import { expect, it } from '@jest/globals';
import { defer, EMPTY, throwError } from 'rxjs';
import { resource } from '../../../../src/hcs/windows/service/resource.js';

const counted = (fails = false) => {
  const closed: number[] = [];
  const made = resource(7, (handle) =>
    defer(() => {
      closed.push(handle);
      return fails ? throwError(() => new Error('no')) : EMPTY;
    }),
  );
  return { made, closed };
};

it('a handle is closed once, however often that is asked', () => {
  const { made, closed } = counted();
  let completed = 0;
  for (let turn = 0; turn < 3; turn += 1) made.close().subscribe({ complete: () => (completed += 1) });
  expect([closed, completed]).toEqual([[7], 3]);
});

it('a handle is not closed under a call, nor given to another one then', () => {
  const { made, closed } = counted();
  const [one, other] = [made.hold(), made.hold()];
  made.close().subscribe();
  expect(() => made.hold()).toThrow('already been closed');
  one.release();
  one.release();
  expect(closed).toEqual([]);
  other.release();
  expect(closed).toEqual([7]);
});

it('a handle that cannot be closed blocks no caller', () => {
  const { made } = counted(true);
  let completed = false;
  made.close().subscribe({ complete: () => (completed = true) });
  expect(completed).toBe(true);
});
