import { describe, expect, it } from '@jest/globals';
import { hcsStatusError, statusCodeOf } from '../../../src/hcs/failures/status-error.js';

describe('a failure that is a number', () => {
  it.each([
    [0xc037010e, 'compute system does not exist (0xc037010e)'],
    [0x8037011f, 'process already stopped (0x8037011f)'],
    [0xc037010e | 0, 'compute system does not exist (0xc037010e)'],
    [0x80070490, 'element not found (0x490)'],
    [0x80004005, 'host compute service failure (0x80004005)'],
  ])('%i says "%s"', (status, text) => {
    expect(hcsStatusError(status).message).toBe(text);
  });

  it('says what the other side said, if it said anything', () => {
    expect(hcsStatusError(0x490, 'no such pid').message).toBe('no such pid');
    expect(hcsStatusError(0x490, '').message).toBe('element not found (0x490)');
  });

  it('keeps its cause', () => {
    expect(hcsStatusError(5, undefined, { cause: 'why' }).cause).toBe('why');
  });

  it.each([
    ['signed', -2147023728],
    ['unsigned', 0x80070490],
    ['a plain code', 0x490],
  ])('is compared in one form, be it given %s', (_, status) => {
    expect(hcsStatusError(status).hresult).toBe(0x490);
    expect(statusCodeOf(hcsStatusError(status))).toBe(0x490);
  });
});

describe('statusCodeOf', () => {
  it('takes part in errors of other makers, and in their form of number', () => {
    expect(statusCodeOf({ hresult: -2147023728 })).toBe(0x490);
  });

  it.each([undefined, null, 5, 'text', new Error('no'), { hresult: '5' }, { code: 5 }, { errno: 5 }])(
    'finds none in %p',
    (value) => {
      expect(statusCodeOf(value)).toBeUndefined();
    },
  );

  it('does not look at causes', () => {
    expect(statusCodeOf(new Error('outer', { cause: hcsStatusError(5) }))).toBeUndefined();
  });
});
