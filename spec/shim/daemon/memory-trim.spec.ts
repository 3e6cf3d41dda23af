import { beforeEach, expect, test } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { trimMemory } from '../../../src/shim/daemon/memory-trim.js';

const MiB = 1024 * 1024;
let scheduler: VirtualTimeScheduler;
let memory: { resident: number; heap: number };
let trims: number[];

beforeEach(() => {
  scheduler = new VirtualTimeScheduler();
  memory = { resident: 48 * MiB, heap: 8 * MiB };
  trims = [];
  trimMemory({
    scheduler,
    resident: () => memory.resident,
    heapUsed: () => memory.heap,
    trim: () => {
      trims.push(scheduler.frame / 1_000);
      memory = { resident: 48 * MiB, heap: 8 * MiB };
    },
  });
});

const at = (second: number, change: Partial<typeof memory>): void =>
  void scheduler.schedule(() => Object.assign(memory, change), second * 1_000);

const trimsUntil = (second: number): readonly number[] => {
  scheduler.maxFrames = second * 1_000;
  scheduler.flush();
  return trims;
};

test('A daemon that has held nothing more since its start is left alone', () => {
  at(20, { resident: 49 * MiB });
  expect(trimsUntil(3_600)).toEqual([]);
});

test('A daemon that has become quiet gives memory back within half a minute, once', () => {
  at(50, { resident: 60 * MiB, heap: 12 * MiB });
  expect(trimsUntil(3_600)).toEqual([75]);
});

test('A busy daemon is not held up for a little', () => {
  for (let second = 5; second < 600; second += 10)
    at(second, { resident: 60 * MiB, heap: (8 + (second % 7)) * MiB });
  expect(trimsUntil(600)).toEqual([]);
});

test('A busy daemon gives back what has become much', () => {
  for (let second = 5; second < 50; second += 10)
    at(second, { resident: (48 + second / 2) * MiB, heap: (8 + (second % 7)) * MiB });
  expect(trimsUntil(60)).toEqual([45]);
});

test('What comes together after memory was given back is given back too', () => {
  at(10, { resident: 60 * MiB, heap: 12 * MiB });
  at(100, { resident: 51 * MiB, heap: 9 * MiB });
  expect(trimsUntil(3_600)).toEqual([30, 120]);
});
