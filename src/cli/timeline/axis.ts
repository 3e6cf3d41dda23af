/**
 * Maps time to columns. A column stands for a round amount of time and every tenth has a tick, so that ticks are at
 * round times.
 */
import { shortTime } from './time-text.js';

export interface Axis {
  /** The time of one column, in milliseconds. */
  readonly step: number;
  readonly columns: number;
}

export const columnsPerTick = 10;

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
// Ten of each are round as well.
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 3, 6, 12, 30].map((seconds) => seconds * second),
  ...[1, 2, 3, 6, 12, 30].map((minutes) => minutes * minute),
];

/** An axis that fits `span` milliseconds. */
export const axisFor = (span: number, columns: number): Axis => {
  const fits = (step: number): boolean => span / step <= columns - 1;
  const step = steps.find(fits) ?? Math.ceil(span / (columns - 1) / hour) * hour;
  return { step, columns };
};

export const columnOf = ({ step, columns }: Axis, at: number): number =>
  Math.min(Math.max(Math.floor(at / step), 0), columns - 1);

/** The drawn axis: a tick with its time every ten columns, as far as they fit. */
export const axisLine = ({ step, columns }: Axis, tick: string): string => {
  let line = '';
  for (let column = 0; column < columns; column += columnsPerTick) {
    const label = `${tick}${shortTime(column * step)}`;
    if (column + label.length > columns) break;
    line = line.padEnd(column) + label;
  }
  return line.padEnd(columns);
};
