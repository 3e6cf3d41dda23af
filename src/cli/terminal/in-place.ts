/**
 * Redraws pictures at the cursor, for a program that has the terminal to itself.
 */
import type { Canvas } from './canvas.js';
import type { Screen } from './screen.js';

export const inPlace = ({ write, size }: Pick<Screen, 'write' | 'size'>): Canvas => {
  let drawn = 0;
  let cursorHidden = false;

  const picture = (lines: readonly string[]): string => {
    const up = drawn > 0 ? `\x1b[${drawn}A` : '';
    return `\r${up}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`;
  };

  return {
    draw: (lines) => {
      // A picture higher than the terminal could not be redrawn.
      const shown = lines.slice(0, Math.max(size().height - 1, 1));
      write(`${cursorHidden ? '' : '\x1b[?25l'}${picture(shown)}`);
      cursorHidden = true;
      drawn = shown.length;
    },
    end: (last) => {
      write(`${last ? picture(last) : ''}${cursorHidden ? '\x1b[?25h' : ''}`);
      drawn = 0;
      cursorHidden = false;
    },
  };
};
