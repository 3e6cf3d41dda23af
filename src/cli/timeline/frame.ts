/**
 * A complete picture: the axis, a line for each life, and the legend. Pure; no line exceeds the width.
 */
import { axisFor, axisLine } from './axis.js';
import { colourOf, standing } from './ending.js';
import { type Glyphs, markColours, markKinds, meaningOf } from './glyphs.js';
import type { Life, Lives } from './lives.js';
import { marbleLine } from './marble-line.js';
import type { Paint } from './paint.js';

export interface FrameOptions {
  /** The current time, in milliseconds on the clock of the facts. */
  readonly now: number;
  /** In columns, at least 12. */
  readonly width: number;
  /** The maximum number of lives to show; ended ones are hidden first, the oldest before the newest. Default: all. */
  readonly most?: number;
  /** The minimum time span, in milliseconds, so that a short life does not fill the line. Default 1000. */
  readonly span?: number;
  readonly legend?: boolean;
  readonly glyphs: Glyphs;
  readonly paint: Paint;
}

/** Names are cut where fewer columns than this would be left for the marbles. */
const columnsBesideNames = 30;
const widestName = 16;
/** `143 SIGTERM truncated`. Fixed, so that marbles do not move when the words change. */
const widestStanding = 21;
const fewestColumns = 20;

export const frame = (lives: Lives, options: FrameOptions): readonly string[] => {
  const { now, width, most = Infinity, span = 1_000, legend = false, glyphs, paint } = options;
  const shown = choose(lives, most);
  const roomForNames = Math.max(
    Math.min(widestName, width >> 2),
    width - widestStanding - 4 - columnsBesideNames,
  );
  const names = Math.min(Math.max(0, ...shown.map(({ exec }) => exec.length)), roomForNames);
  // If marbles and words do not fit, the words are dropped.
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

/** Running lives stay; of the ended ones the oldest are hidden first. */
const choose = (lives: Lives, most: number): Lives => {
  if (lives.length <= most) return lives;
  const room = Math.max(most - 1, 1);
  const ended = lives.filter(({ marks }) => marks.at(-1)?.kind === 'released');
  const alive = lives.filter((life) => !ended.includes(life)).slice(-room);
  const latest = [...ended].sort((a, b) => endOf(b) - endOf(a)).slice(0, room - alive.length);
  return lives.filter((life) => alive.includes(life) || latest.includes(life));
};

const endOf = ({ marks }: Life): number => marks.at(-1)?.at ?? 0;

/** Below the marbles if it fits on one line there; otherwise on as many lines as needed. */
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
