import { describe, expect, it } from '@jest/globals';
import { type HostSignalSupport, RS5, signalsSupported } from '../../../src/hcs/contract/os-build.js';

describe('signalsSupported', () => {
  it.each<[number, HostSignalSupport, boolean]>([
    [17763, 'none', true],
    [17763, 'signals', true],
    [17763, 'noSignals', false],
    [17762, 'none', false],
    [17762, 'signals', false],
    [17762, 'noSignals', false],
    [20348, 'none', true],
    [20348, 'signals', true],
    [20348, 'noSignals', false],
    [0, 'none', false],
  ])('on build %i with a utility VM that says %s is %p', (osBuild, host, expected) => {
    expect(signalsSupported({ osBuild, host })).toBe(expected);
  });

  it('begins with RS5', () => {
    expect(RS5).toBe(17763);
  });

  it.each([
    [Number.NaN, 'none'],
    [undefined, 'none'],
    [20348, undefined],
    [20348, 'perhaps'],
  ])('assumes no signals for %p and %p', (osBuild, host) => {
    expect(signalsSupported({ osBuild, host } as Parameters<typeof signalsSupported>[0])).toBe(false);
  });
});
