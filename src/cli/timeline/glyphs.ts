/**
 * The characters of lives: marbles, the lines between them, and their colours.
 */
import type { MarkKind } from './lives.js';
import type { Colour } from './paint.js';

export interface Glyphs {
  readonly marks: Readonly<Record<MarkKind, string>>;
  /** The line from a marble to the next. */
  readonly lines: Readonly<Record<MarkKind, string>>;
  readonly tick: string;
  readonly more: string;
}

export const unicodeGlyphs: Glyphs = {
  marks: { created: '○', running: '●', resized: '□', asked: '▲', exited: '◆', drained: '◇', released: '┃' },
  lines: { created: '╌', running: '━', resized: '━', asked: '━', exited: '╌', drained: '╌', released: ' ' },
  tick: '╷',
  more: '…',
};

/** For locales without Unicode. */
export const asciiGlyphs: Glyphs = {
  marks: { created: 'o', running: '*', resized: '#', asked: '!', exited: 'x', drained: 'd', released: '|' },
  lines: { created: '.', running: '=', resized: '=', asked: '=', exited: '.', drained: '.', released: ' ' },
  tick: "'",
  more: '..',
};

export const markColours: Readonly<Record<MarkKind, Colour>> = {
  created: 'blue',
  running: 'green',
  resized: 'green',
  asked: 'yellow',
  exited: 'magenta',
  drained: 'cyan',
  released: 'bold',
};

export const lineColours: Readonly<Record<MarkKind, Colour>> = {
  created: 'blue',
  running: 'green',
  resized: 'green',
  asked: 'yellow',
  exited: 'cyan',
  drained: 'cyan',
  released: 'dim',
};

const meanings: Readonly<Record<MarkKind, string>> = {
  created: 'created',
  running: 'running',
  resized: 'resized',
  asked: 'stop',
  exited: 'exit',
  drained: 'drained',
  released: 'released',
};

export const markKinds = Object.keys(meanings) as readonly MarkKind[];

export const meaningOf = (kind: MarkKind): string => meanings[kind];
