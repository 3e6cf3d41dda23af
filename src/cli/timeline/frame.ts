/**
 * A whole picture: the axis, one line for each life, what the marbles mean. Pure; no line is wider than it may be.
 */
import { axisFor, axisLine } from './axis.js';
import { colourOf, standing } from './ending.js';
import { type Glyphs, markColours, markKinds, meaningOf } from './glyphs.js';
import type { Life, Lives } from './lives.js';
import { marbleLine } from './marble-line.js';
import type { Paint } from './paint.js';

export interface FrameOptions {
  /** The present, in milliseconds on the clock of the facts. */
  readonly now: number;
  /** In columns, 12 at least. */
  readonly width: number;
  /** The most lives to show; the newest of those that have ended give way last. Default: all. */
  readonly most?: number;
  /** The least time to make room for, in milliseconds, so that a short life is not all line. Default 1000. */
  readonly span?: number;
  readonly legend?: boolean;
  readonly glyphs: Glyphs;
  readonly paint: Paint;
}

const widestName = 16;
/** `143 SIGTERM truncated`. Fixed, so that marbles stay where they are when the words change. */
const widestStanding = 21;
const fewestColumns = 20;

export const frame = (lives: Lives, options: FrameOptions): readonly string[] => {
  const { now, width, most = Infinity, span = 1_000, legend = false, glyphs, paint } = options;
  const shown = choose(lives, most);
  const names = Math.min(Math.max(0, ...shown.map(({ exec }) => exec.length)), widestName, width >> 2);
  // Where there is no room for marbles and words, the words go.
  const words = width - names - widestStanding - 4 >= fewestColumns ? widestStanding : 0;
  const columns = width - names - words - (words ? 4 : 2);
  const ended = lives.length > 0 && lives.every((life) => life.marks.at(-1)?.kind === 'released');
  const end = Math.max(0, ...lives.flatMap(({ marks }) => marks.map(({ at }) => at)));
  const axis = axisFor(Math.max(span, ended ? end : now), columns);
  const line = (life: Life): string => {
    const name = cut(life.exec, names, glyphs.more).padEnd(names);
    const marbles = marbleLine(life, ended ? end : now, { axis, glyphs, paint });
    const word = cut(standing(life), words, glyphs.more);
    return trimEnd(`${name}  ${marbles}${words ? `  ${paint(colourOf(life), word)}` : ''}`);
  };
  const hidden = lives.length - shown.length;
  return [
    paint('dim', trimEnd(`${' '.repeat(names)}  ${axisLine(axis, glyphs.tick)}`)),
    ...shown.map(line),
    ...(hidden > 0
      ? [paint('dim', cut(`${' '.repeat(names)}  and ${hidden} more`, width, glyphs.more))]
      : []),
    ...(legend ? legendLines(' '.repeat(names + 2), width, glyphs, paint) : []),
  ];
};

/** Those that live stay; of those that ended the longest ago go first. */
const choose = (lives: Lives, most: number): Lives => {
  if (lives.length <= most) return lives;
  const room = Math.max(most - 1, 1);
  const ended = lives.filter(({ marks }) => marks.at(-1)?.kind === 'released');
  const alive = lives.filter((life) => !ended.includes(life)).slice(-room);
  const latest = [...ended].sort((a, b) => endOf(b) - endOf(a)).slice(0, room - alive.length);
  return lives.filter((life) => alive.includes(life) || latest.includes(life));
};

const endOf = ({ marks }: Life): number => marks.at(-1)?.at ?? 0;

/** Below the marbles if that is where it fits on one line; else over as many lines as it takes. */
const legendLines = (indent: string, width: number, glyphs: Glyphs, paint: Paint): string[] => {
  const entries = markKinds.map((kind) => ({
    text: `${paint(markColours[kind], glyphs.marks[kind])} ${paint('dim', meaningOf(kind))}`,
    length: glyphs.marks[kind].length + 1 + meaningOf(kind).length,
  }));
  const whole = entries.reduce((sum, { length }) => sum + length + gap.length, -gap.length);
  const start = indent.length + whole <= width ? indent : '';
  const rows: { text: string; length: number }[] = [];
  for (const { text, length } of entries) {
    const last = rows.at(-1);
    if (last && last.length + gap.length + length <= width) {
      last.text += gap + text;
      last.length += gap.length + length;
    } else if (length <= width) rows.push({ text: start + text, length: start.length + length });
  }
  return rows.map(({ text }) => text);
};

const gap = '  ';

const cut = (text: string, width: number, more: string): string =>
  text.length <= width ? text : text.slice(0, Math.max(width - more.length, 0)) + more.slice(0, width);

const trimEnd = (text: string): string => text.replace(/ +$/, '');
