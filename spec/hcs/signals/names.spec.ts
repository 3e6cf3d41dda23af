import { constants } from 'node:os';
import { platform } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { signalName, signalNumber, signalNumbers } from '../../../src/hcs/signals/names.js';

describe('signal names', () => {
  it('are 34, for the numbers 1 to 31 without a gap', () => {
    expect(signalNumbers.size).toBe(34);
    expect([...new Set(signalNumbers.values())].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 31 }, (_, index) => index + 1),
    );
  });

  const onLinux = platform === 'linux' ? it : it.skip;
  onLinux('agree with this kernel', () => {
    const here = Object.entries(constants.signals).map(
      ([name, number]) => [name.replace('SIG', ''), number] as const,
    );
    expect(here.map(([name]) => [name, signalNumber(name)])).toEqual(here);
  });

  it.each(Array.from({ length: 31 }, (_, index) => index + 1))(
    'lead from %i to a name and back',
    (number) => {
      expect(signalNumber(signalName(number) ?? '')).toBe(number);
    },
  );

  it.each([
    [6, 'ABRT', 'IOT'],
    [17, 'CHLD', 'CLD'],
    [29, 'IO', 'POLL'],
  ])('call %i by its usual name %s, and know it as %s too', (number, standard, other) => {
    expect(signalName(number)).toBe(standard);
    expect(signalNumber(other)).toBe(number);
  });

  it.each([0, 32, 64, -1, 1.5, Number.NaN])('have none for %p', (number) => {
    expect(signalName(number)).toBeUndefined();
  });

  it.each(['', 'SIGTERM', 'term', 'NOPE', '15', '__proto__', 'toString'])('do not include %j', (name) => {
    expect(signalNumber(name)).toBeUndefined();
  });
});
