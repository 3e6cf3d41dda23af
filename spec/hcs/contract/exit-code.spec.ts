import { describe, expect, it } from '@jest/globals';
import type { ProcessExit } from '../../../src/hcs/contract/compute-process.js';
import {
  exited,
  signaled,
  statusOf,
  unknownExit,
  unknownStatus,
} from '../../../src/hcs/contract/exit-code.js';

const rubbish = [undefined, null, 'exited', 0, 7, {}, [], { kind: 'exited' }, { kind: 'exited', code: '0' }];

describe('exited', () => {
  it.each([0, 1, 137, 255, 256, 3221225786, 4294967295, -2])('keeps the code %i', (code) => {
    expect(exited(code)).toEqual({ kind: 'exited', code });
  });

  it.each([-1, 1.5, Number.NaN, Infinity, '0', null, undefined])('is unknown for %p', (code) => {
    expect(exited(code as number)).toEqual({
      kind: 'unknown',
      reason: expect.stringContaining(String(code)),
    });
  });
});

describe('signaled', () => {
  it.each([
    [1, 129],
    [9, 137],
    [15, 143],
    [64, 192],
    [127, 255],
  ])('by %i has the code %i', (signal, code) => {
    expect(signaled(signal)).toEqual({ kind: 'signaled', signal, code });
  });

  it.each([0, -9, 128, 9.5, Number.NaN, '9', undefined])('is unknown for %p', (signal) => {
    expect(signaled(signal as number)).toEqual({
      kind: 'unknown',
      reason: expect.stringContaining(String(signal)),
    });
  });
});

describe('statusOf', () => {
  it.each<[string, ProcessExit, number]>([
    ['a success', exited(0), 0],
    ['a failure', exited(3), 3],
    ['a code of Windows', exited(0xc000013a), 3221225786],
    ['the largest code', exited(4294967295), 4294967295],
    ['a code just beyond, cut to 32 bits', exited(4294967296), 0],
    ['a negative code, cut to 32 bits', exited(-2), 4294967294],
    ['a signal', signaled(9), 137],
    ['an exit that was not observed', unknownExit('the guest is gone'), 255],
    ['a code that could not be read', exited(-1), 255],
    ['such a code, not made by exited', { kind: 'exited', code: -1 }, 255],
    ['a code that is no number', { kind: 'exited', code: Number.NaN }, 255],
    ['a signal without a code', { kind: 'signaled', signal: 9, code: Number.NaN }, 255],
  ])('of %s', (_, exit, status) => {
    expect(statusOf(exit)).toBe(status);
  });

  it.each(rubbish)('of %p, which is no exit, is unknown and never zero', (exit) => {
    expect(statusOf(exit as ProcessExit)).toBe(255);
  });

  it('of an unknown exit is the number that containerd has for it', () => {
    expect(unknownStatus).toBe(255);
  });
});
