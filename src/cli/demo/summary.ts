/**
 * The summary of the demo: when each exec exited, was drained and was released. Pure.
 */
import { colourOf, endingOf } from '../timeline/ending.js';
import { type Life, type Lives, type MarkKind, timeOf } from '../timeline/lives.js';
import type { Paint } from '../timeline/paint.js';
import { type Cell, type Column, table } from '../timeline/table.js';
import { exactTime } from '../timeline/time-text.js';

const columns: readonly Column[] = [
  { title: 'exec' },
  { title: 'status', right: true },
  { title: 'how' },
  { title: 'exit', right: true },
  { title: 'drain', right: true },
  { title: 'release', right: true },
  { title: 'flags' },
];

/** The description of each exec has a column of its own if there is room. */
const roomForAbout = 118;

/** `exit` counts from the start, the other two from the exit. */
export const summary = (
  lives: Lives,
  about: ReadonlyMap<string, string>,
  { width, paint }: { readonly width: number; readonly paint: Paint },
): readonly string[] => {
  const wide = width >= roomForAbout;
  const rows = lives.map((life) => [
    ...cellsOf(life),
    ...(wide ? [{ text: about.get(life.exec) ?? '', colour: 'dim' } as const] : []),
  ]);
  return table(wide ? [...columns, { title: '' }] : columns, rows, { width, paint });
};

const cellsOf = (life: Life): readonly Cell[] => {
  const { exec, exit, truncated } = life;
  const flags = [truncated && 'truncated', exit?.forced && 'forced'].filter(Boolean).join(' ');
  return [
    { text: exec, colour: 'bold' },
    { text: `${exit?.status ?? ''}`, colour: colourOf(life) },
    { text: exit ? endingOf(exit) : '' },
    { text: between(life, 'running', 'exited') },
    { text: plus(between(life, 'exited', 'drained')) },
    { text: plus(between(life, 'exited', 'released')) },
    { text: flags, colour: 'yellow' },
  ];
};

const between = (life: Life, from: MarkKind, to: MarkKind): string => {
  const [start, end] = [timeOf(life, from), timeOf(life, to)];
  return start === undefined || end === undefined ? '' : exactTime(end - start);
};

const plus = (time: string): string => (time === '' ? '' : `+${time}`);
