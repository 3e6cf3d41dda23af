import { describe, expect, it } from '@jest/globals';
import { EMPTY, of, Subject, throwError } from 'rxjs';
import { immediateValue } from '../../src/operators/immediate-value.js';

describe('immediateValue', () => {
  it('is the first value that is emitted at once', () => {
    expect(immediateValue(of(1, 2))).toBe(1);
  });

  it('is undefined where none is, and leaves the source', () => {
    const later$ = new Subject<number>();
    expect(immediateValue(later$)).toBeUndefined();
    expect(later$.observed).toBe(false);
    expect(immediateValue(EMPTY)).toBeUndefined();
  });

  it('is undefined for a source that fails', () => {
    expect(immediateValue(throwError(() => new Error('no')))).toBeUndefined();
  });
});
