/**
 * Columns of text. Widths are computed before colours are added; numbers are right-aligned.
 */
import type { Colour, Paint } from './paint.js';

export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** The last column is cut at `width`, the others never are. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): readonly string[] => {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.text.length ?? 0)),
  );
  const lineOf = (cells: readonly Cell[]): string => {
    let used = 0;
    return columns
      .map(({ right }, index) => {
        const { text, colour } = cells[index] ?? { text: '' };
        const last = index === columns.length - 1;
        const shown = last ? text.slice(0, Math.max(width - used, 0)) : text;
        const space = ' '.repeat(last && !right ? 0 : (widths[index] as number) - shown.length);
        used += (widths[index] as number) + 2;
        const painted = colour ? paint(colour, shown) : shown;
        return right ? space + painted : painted + space;
      })
      .join('  ')
      .trimEnd();
  };
  const head = columns.map(({ title }): Cell => ({ text: title, colour: 'dim' }));
  return [lineOf(head), ...rows.map(lineOf)];
};
