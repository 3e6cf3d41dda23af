import { describe, expect, it } from '@jest/globals';
import {
  type HcsSentinel,
  hcsSentinelError,
  hcsSentinels,
  isSentinel,
} from '../../../src/hcs/failures/sentinels.js';

const entries = Object.entries(hcsSentinels) as [HcsSentinel, string][];

describe('a sentinel', () => {
  it.each(entries)('%s is an error that says "%s" and knows itself', (sentinel, text) => {
    const error = hcsSentinelError(sentinel);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe(text);
    expect(entries.map(([name]) => name).filter((name) => isSentinel(name)(error))).toEqual([sentinel]);
  });

  it('reports where it was made, not where the first of its name was', () => {
    expect(hcsSentinelError('timeout')).not.toBe(hcsSentinelError('timeout'));
  });

  it('has a cause only if given one', () => {
    expect(hcsSentinelError('timeout', 'slow').cause).toBe('slow');
    expect(hcsSentinelError('timeout')).not.toHaveProperty('cause');
  });

  it.each([undefined, null, 'timeout', new Error(hcsSentinels.timeout), { sentinel: 'other' }])(
    'is not %p',
    (value) => {
      expect(isSentinel('timeout')(value)).toBe(false);
    },
  );
});
