/** What is drawn says, read as a script, what it was drawn from. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Moment, momentsOf } from '../../../src/hcs/simulated/script.js';
import { readLife, sameLives } from '../../../src/testing/expect/lives.js';
import { drawLines } from '../../../src/testing/marbles/draw.js';
import type { LifeMoment } from '../../../src/testing/marbles/life.js';

const inOrder = (moments: readonly Moment[]): readonly Moment[] =>
  [...moments].sort((one, other) => one.at - other.at);

const time = fc.oneof(
  fc.nat({ max: 30 }),
  fc.nat({ max: 90_000_000 }),
  fc.nat({ max: 60_000 }).map((n) => n / 1_000),
);
const lineOf = (letters: string) =>
  fc.array(fc.record({ at: time, letter: fc.constantFrom(...letters) }), { maxLength: 8 }).map(inOrder);

describe('a drawing', () => {
  it.each([
    ['c-r--(x|)', 'c-r--(x|)'],
    ['(cr)@2ms (x|)', '(cr)@2ms (x|)'],
    ['(cr)@3ms x@3ms |', '(cr)@3ms (x|)'],
    ['c-- 250ms x', 'c 252ms x'],
    ['@5ms c', '-----c'],
    ['@1.5s c', ' 1500ms c'],
    [' 29.867ms c--c', ' 29.867ms c--c'],
    ['-', '-'],
  ])('of %s is %s', (marbles, drawn) => {
    expect(drawLines([momentsOf(marbles)])).toEqual([drawn]);
  });

  it('has one axis for its lines, also where a group is too wide for what comes next', () => {
    const lines = ['(cr)@2ms (x|)', '(cr)--(x|)', 'c-r'].map((marbles) => momentsOf(marbles));
    expect(drawLines(lines)).toEqual(['(cr)@2ms (x|)', '(cr)       --(x|)', 'c-       r']);
  });

  it('is equal to the lives drawn, whatever these are', () => {
    fc.assert(
      fc.property(fc.array(lineOf('cr0x|'), { minLength: 1, maxLength: 3 }), (lines) => {
        const drawn = drawLines(lines);
        expect(drawn.map((line) => momentsOf(line))).toEqual(lines);
      }),
      { numRuns: 500 },
    );
  });

  it('is equal to what was drawn, also where digits stand before units', () => {
    fc.assert(
      fc.property(lineOf('12.sm|'), (line) => {
        expect(momentsOf(drawLines([line])[0] as string)).toEqual(line);
      }),
      { numRuns: 500 },
    );
  });

  it('is equal to the lives of execs, with what its letters stand for', () => {
    const status = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 0xffffffff }));
    const kinds: readonly LifeMoment['kind'][] = ['c', 'r', 'x', '|'];
    const life = fc
      .record({ lived: fc.nat({ max: 4 }), times: fc.array(time, { minLength: 4, maxLength: 4 }), status })
      .map(({ lived, times, status: ended }): readonly LifeMoment[] => {
        const inTime = [...times].sort((a, b) => a - b);
        return kinds
          .slice(0, lived)
          .map((kind, n) => ({ at: inTime[n] as number, kind, ...(kind === 'x' && { status: ended }) }));
      });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 4 }), (lives) => {
        const ids = new Map(lives.map((mine, n) => [String(n), mine]));
        const difference = sameLives(new Map(), ids, { x: 143, q: 9 });
        for (const [id, drawn] of Object.entries(difference?.actual as Record<string, string>)) {
          const [marbles, beside] = drawn.split('   ') as [string, string | undefined];
          const values = Object.fromEntries(
            [...(beside ?? '').matchAll(/(\w): (\d+)/g)].map(([, letter, value]) => [letter, Number(value)]),
          );
          expect(readLife(marbles, values, 'life')).toEqual(ids.get(id));
        }
      }),
      { numRuns: 300 },
    );
  });
});
