/**
 * Draws at the bottom of a terminal on which a command writes as well.
 *
 * The terminal scrolls only the lines above (a scroll region), and each picture is one write that restores the cursor:
 * the command sees a terminal with fewer lines. A full-screen command may overwrite the picture until it is drawn
 * again. (apt draws its progress the same way.)
 */
import type { Canvas } from './canvas.js';
import type { Screen } from './screen.js';

const save = '\x1b7';
const restore = '\x1b8';
const wholeScreen = '\x1b[r';
const at = (row: number): string => `\x1b[${row};1H`;

/** @param rows the number of lines of the picture. */
export const dock = ({ write, size }: Pick<Screen, 'write' | 'size'>, rows: number): Canvas => {
  let height = 0;

  /** Makes room below the existing text, and clears a picture that was drawn for another height. */
  const claim = (): string => {
    const now = size().height;
    if (now === height) return '';
    const wiped =
      height > 0 && height < now ? `${save}${wholeScreen}${at(height - rows + 1)}\x1b[J${restore}` : '';
    height = now;
    return `${wiped}${'\n'.repeat(rows)}\x1b[${rows}A`;
  };

  return {
    draw: (lines) => {
      const room = claim();
      const top = height - rows;
      const picture = lines.slice(0, rows).map((line, index) => `${at(top + 1 + index)}\x1b[0m${line}\x1b[K`);
      write(`${room}${save}\x1b[1;${top}r${picture.join('')}${restore}`);
    },
    end: (last = []) => {
      const cleared = height === 0 ? '' : `${save}${wholeScreen}${at(height - rows + 1)}\x1b[J${restore}`;
      write(`${cleared}${last.map((line) => `\r\n${line}`).join('')}${last.length > 0 ? '\r\n' : ''}`);
      height = 0;
    },
  };
};
