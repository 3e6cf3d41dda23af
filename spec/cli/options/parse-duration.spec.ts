import { expect, it } from '@jest/globals';
import { parseDuration } from '../../../src/cli/options/parse-duration.js';

it.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1.5s', 1_500],
  ['0', 0],
  ['3', 3_000],
])('reads %p as %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', 's', '-1s', '1 s', '1d', '1e3', '.5s', 'soon', '25d', '600h', '10s5', 'Infinity', '٣s'])(
  'does not take %p',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);
