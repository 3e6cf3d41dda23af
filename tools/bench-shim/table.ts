/** The rows side by side, and how many times as good as the reference, which is the first, each of the others is. */
import type { Row } from './row.js';

const show = (value: number | undefined, unit: string): string =>
  value === undefined
    ? '–'
    : `${value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })} ${unit}`;

const ratio = ({ moreIsBetter }: Row, own: number | undefined, reference: number | undefined): string => {
  if (own === undefined || reference === undefined) return '–';
  return (moreIsBetter ? own / reference : reference / own).toFixed(2);
};

export const print = (names: readonly string[], rows: readonly Row[]): void => {
  const cells = [
    ['what', ...names.flatMap((name, index) => (index === 0 ? [name] : [name, 'times as good']))],
    ...rows.map((row) => [
      row.name,
      ...row.values.flatMap((value, index) =>
        index === 0 ? [show(value, row.unit)] : [show(value, row.unit), ratio(row, value, row.values[0])],
      ),
    ]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0))) ?? [];
  for (const line of cells)
    console.log(
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2),
        )
        .join(''),
    );
};
