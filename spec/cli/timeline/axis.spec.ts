import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { axisFor, axisLine, columnOf } from '../../../src/cli/timeline/axis.js';

describe('the axis', () => {
  it.each([
    [400, 50, '╷0        ╷100ms    ╷200ms    ╷300ms    ╷400ms    '],
    [1_000, 50, '╷0        ╷500ms    ╷1s       ╷1.5s     ╷2s       '],
    [40_000, 50, '╷0        ╷10s      ╷20s      ╷30s      ╷40s      '],
    [5 * 60_000, 50, '╷0        ╷2m       ╷4m       ╷6m       ╷8m       '],
    [86_400_000, 50, '╷0        ╷5h       ╷10h      ╷15h      ╷20h      '],
  ])('has ticks at round times for %d ms on %d columns', (span, columns, line) => {
    expect(axisLine(axisFor(span, columns), '╷')).toBe(line);
  });

  it('leaves out a tick whose time finds no room', () => {
    expect(axisLine({ step: 50, columns: 14 }, '╷')).toBe('╷0            ');
  });

  it('has room for every moment of its span, however long and however narrow', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e10, noNaN: true }),
        fc.integer({ min: 10, max: 500 }),
        (span, columns) => {
          const axis = axisFor(span, columns);
          expect(span / axis.step).toBeLessThan(columns);
          expect(columnOf(axis, span)).toBe(Math.floor(span / axis.step));
          expect(axisLine(axis, '|')).toHaveLength(columns);
        },
      ),
    );
  });
});
