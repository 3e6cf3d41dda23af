import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { logEntries } from '../../../../src/hcs/runc/command/log-entries.js';

const warning = { level: 'warning', msg: 'a } brace and a "quote"' };
const error = { level: 'error', msg: 'exec failed: {"nested": 1}\nand a second line' };

describe('the log of a runtime', () => {
  test.each([
    ['one object a line, as runc writes it', `${JSON.stringify(warning)}\n${JSON.stringify(error)}\n`],
    [
      'each object on several lines, as crun 1.28 does',
      `${JSON.stringify(warning, null, 2)}\n${JSON.stringify(error, null, 2)}\n`,
    ],
    ['objects one after the other', JSON.stringify(warning) + JSON.stringify(error)],
    [
      'text before, between and after them',
      `panic: {\n${JSON.stringify(warning)}\n{"cut": \nhello\n${JSON.stringify(error, null, 2)}\nbye {`,
    ],
    [
      'the end of one whose beginning is lost',
      `g": "x"}\n${JSON.stringify(warning)}\n${JSON.stringify(error)}`,
    ],
  ])('may have %s', (_, log) => {
    expect(logEntries(log)).toEqual([warning, error]);
  });

  test('is never read beyond what it holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('{', '}', '"', '\\', '\n', '{"a":1}', 'x', ':', '[')),
        fc.boolean(),
        (pieces, last) => {
          const entries = logEntries(`${pieces.join('')}${last ? `\n${JSON.stringify(error)}` : ''}`);
          for (const entry of entries) expect(entry).toBeInstanceOf(Object);
        },
      ),
    );
  });
});
