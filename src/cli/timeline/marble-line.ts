/**
 * One life as one line of marbles, exactly as wide as the axis.
 *
 * Marbles in the same column are drawn side by side, as in the diagrams of RxJS: none hides another, and those at the
 * right edge shift the earlier ones.
 */
import { type Axis, columnOf } from './axis.js';
import { type Glyphs, lineColours, markColours } from './glyphs.js';
import type { Life, Mark } from './lives.js';
import type { Paint } from './paint.js';

export interface Marbles {
  readonly axis: Axis;
  readonly glyphs: Glyphs;
  readonly paint: Paint;
}

export const marbleLine = ({ marks }: Life, now: number, { axis, glyphs, paint }: Marbles): string => {
  const placed = place(marks, axis);
  const first = placed[0];
  if (first === undefined) return ' '.repeat(axis.columns);
  const present = Math.max(columnOf(axis, now), placed.at(-1)?.column ?? 0);
  let line = ' '.repeat(first.column);
  placed.forEach(({ kind, column }, index) => {
    const next = placed[index + 1]?.column ?? (kind === 'released' ? column + 1 : present + 1);
    line += paint(markColours[kind], glyphs.marks[kind]);
    line += paint(lineColours[kind], glyphs.lines[kind].repeat(next - column - 1));
  });
  const drawn = (placed.at(-1) as Placed).kind === 'released' ? (placed.at(-1) as Placed).column : present;
  return line + ' '.repeat(axis.columns - 1 - drawn);
};

type Placed = Mark & { readonly column: number };

const place = (marks: readonly Mark[], axis: Axis): readonly Placed[] => {
  // If the line is shorter than its marbles, the latest are shown.
  const kept = marks.slice(-axis.columns);
  const columns = kept.map(({ at }) => columnOf(axis, at));
  let least = 0;
  columns.forEach((column, index) => {
    columns[index] = Math.max(column, least);
    least = (columns[index] as number) + 1;
  });
  let most = axis.columns - 1;
  for (let index = columns.length - 1; index >= 0; index--) {
    columns[index] = Math.min(columns[index] as number, most);
    most = (columns[index] as number) - 1;
  }
  return kept.map((mark, index) => ({ ...mark, column: columns[index] as number }));
};
