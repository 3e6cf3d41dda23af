import { describe, expect, it } from '@jest/globals';
import { inPlace } from '../../../src/cli/terminal/in-place.js';

const canvasOn = (height: number) => {
  const writes: string[] = [];
  return {
    writes,
    canvas: inPlace({ write: (text) => writes.push(text), size: () => ({ width: 80, height }) }),
  };
};

describe('a picture drawn over itself', () => {
  it('goes up over the last one, and hides the cursor until its end', () => {
    const { canvas, writes } = canvasOn(24);
    canvas.draw(['a', 'b']);
    canvas.draw(['c', 'd', 'e']);
    canvas.end(['f']);
    expect(writes).toEqual([
      '\x1b[?25l\ra\x1b[K\nb\x1b[K\n\x1b[J',
      '\r\x1b[2Ac\x1b[K\nd\x1b[K\ne\x1b[K\n\x1b[J',
      '\r\x1b[3Af\x1b[K\n\x1b[J\x1b[?25h',
    ]);
  });

  it('is no higher than can be drawn over', () => {
    const { canvas, writes } = canvasOn(3);
    canvas.draw(['a', 'b', 'c', 'd']);
    expect(writes[0]).toBe('\x1b[?25l\ra\x1b[K\nb\x1b[K\n\x1b[J');
  });

  it('leaves a terminal alone on which nothing was drawn', () => {
    const { canvas, writes } = canvasOn(24);
    canvas.end();
    expect(writes.join('')).toBe('');
  });
});
