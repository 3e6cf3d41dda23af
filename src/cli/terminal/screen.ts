/**
 * The capabilities of an output: whether it is a terminal, its size and colours. Decided by the output and the user's
 * settings (`NO_COLOR`, `TERM=dumb`), never by being in CI.
 */
import { isatty, type WriteStream } from 'node:tty';
import { asciiGlyphs, type Glyphs, unicodeGlyphs } from '../timeline/glyphs.js';
import { colours, type Paint, plain } from '../timeline/paint.js';
import { descriptorWriter } from './descriptor-writer.js';

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

export interface Screen {
  write(text: string): void;
  /** Whether the cursor can be moved. */
  readonly live: boolean;
  readonly paint: Paint;
  readonly glyphs: Glyphs;
  /** The current size. */
  size(): ScreenSize;
}

/** @param fd 1 or 2. */
export const screenOf = (fd: 1 | 2): Screen => {
  const { write } = descriptorWriter(fd);
  const { TERM, NO_COLOR } = process.env;
  const live = isatty(fd) && TERM !== 'dumb';
  return {
    write,
    live,
    paint: live && !NO_COLOR ? colours : plain,
    glyphs: isUtf8() ? unicodeGlyphs : asciiGlyphs,
    size: () => sizeOf(fd) ?? { width: 100, height: 24 },
  };
};

/** The size of a terminal. `undefined` if it is none or does not know. */
export const sizeOf = (fd: 1 | 2): ScreenSize | undefined => {
  if (!isatty(fd)) return undefined;
  const { columns, rows } = (fd === 1 ? process.stdout : process.stderr) as WriteStream;
  return columns > 0 && rows > 0 ? { width: columns, height: rows } : undefined;
};

/**
 * As in setlocale(3): the first non-empty one counts. An unset locale would mean C, but few choose that on purpose.
 */
const isUtf8 = (): boolean => {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || /utf-?8/i.test(locale);
};
