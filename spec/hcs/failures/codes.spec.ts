import { describe, expect, it } from '@jest/globals';
import { codeOf, hcsCodeName, hcsCodes, normaliseHresult } from '../../../src/hcs/failures/codes.js';
import { RxshimError } from '../../../src/hcs/failures/errors.js';

describe('normaliseHresult', () => {
  it.each([0, 1, 5, 0x490, 0x00070005, 0x7fffffff])(
    'takes %i, whose top bit is clear, for success',
    (hresult) => {
      expect(normaliseHresult(hresult)).toBeUndefined();
    },
  );

  it.each([
    [0x80070005, 5],
    [0x80070490, 0x490],
    [0x80070000, 0],
    [0x8007ffff, 0xffff],
    // The bits above the facility do not matter.
    [0xc0070006, 6],
    [0xe0070006, 6],
    [0x80080005, 0x80080005],
    [0x90070005, 0x90070005],
    [0xc037010e, 0xc037010e],
    [0x8037011f, 0x8037011f],
    [0x80004005, 0x80004005],
    [0xffffffff, 0xffffffff],
  ])('takes %i for the code %i, signed or unsigned', (hresult, code) => {
    expect(normaliseHresult(hresult)).toBe(code);
    expect(normaliseHresult(hresult | 0)).toBe(code);
  });

  it.each([Number.NaN, 1.5, Infinity, 2 ** 32, -(2 ** 31) - 1, undefined, null, '0', {}])(
    'does not let %p pass for success',
    (hresult) => {
      expect(() => normaliseHresult(hresult as number)).toThrow(RxshimError);
      expect(() => normaliseHresult(hresult as number)).toThrow(
        expect.objectContaining({ field: 'hresult' }),
      );
    },
  );
});

describe('codeOf', () => {
  it.each([
    [0x490, 0x490],
    [5, 5],
    [0x00070005, 0x00070005],
    [0x80070490, 0x490],
    [-2147023728, 0x490],
    [0xc037010e | 0, 0xc037010e],
  ])('takes %i, known to be a failure, for %i', (status, code) => {
    expect(codeOf(status)).toBe(code);
  });
});

describe('hcsCodes', () => {
  it.each(Object.entries(hcsCodes))('gives %s in the form in which codes are compared', (name, code) => {
    expect(codeOf(code)).toBe(code);
    expect(hcsCodeName(code)).toBe(name);
  });

  it('has no name for a number it does not know', () => {
    expect(hcsCodeName(0)).toBeUndefined();
  });
});
