/**
 * Draws at the bottom of a terminal on which a command writes as well, without getting in its way.
 *
 * The terminal is told to scroll only the lines above, and the cursor is put back after each picture, all in one write:
 * what the command prints goes on as if the terminal were some lines lower. A command that moves about the whole screen
 * may write over the picture, which is back with the next one. (apt draws its progress the same way.)
 */
import type { Canvas } from './canvas.js';
import type { Screen } from './screen.js';

const save = '\x1b7';
const restore = '\x1b8';
const wholeScreen = '\x1b[r';
const at = (row: number): string => `\x1b[${row};1H`;

/** @param rows how many lines the picture takes. */
export const dock = ({ write, size }: Pick<Screen, 'write' | 'size'>, rows: number): Canvas => {
  let height = 0;

  /** Makes room below what is there; what was drawn for another height is wiped where it may still be. */
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
