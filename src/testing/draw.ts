/**
 * Draws lines of marbles one above the other, on one axis of time, so that where they part can be seen. What is drawn
 * can be pasted as an expectation.
 */
import type { Moment } from '../hcs/simulated/script.js';

/** Longer than this, a time in which nothing happens is told by its length. */
const longest = 12;

export const drawLines = (lines: readonly (readonly Moment[])[]): readonly string[] => {
  const instants = [...new Set(lines.flat().map(({ at }) => at))].sort((a, b) => a - b);
  const drawn = lines.map(() => '');
  let end = 0;
  for (const busy of busyTimes(instants)) {
    const parts = lines.map((line) => drawPart(line, busy));
    const width = Math.max(...parts.map(({ length }) => length));
    const idle = busy.from - end;
    const gap = idle <= longest ? '-'.repeat(Math.max(idle, 0)) : ` ${idle}ms `;
    parts.forEach((part, line) => {
      drawn[line] += gap + part.padEnd(width, '-');
    });
    end = busy.from + width;
  }
  return drawn.map((line) => line.replace(/(-| \d+ms )+$/, '') || '-');
};

interface BusyTime {
  readonly from: number;
  readonly to: number;
}

/** Times in which something happens every few milliseconds: each is drawn to scale. */
const busyTimes = (instants: readonly number[]): readonly BusyTime[] => {
  const times: BusyTime[] = [];
  for (const at of instants) {
    const last = times.at(-1);
    if (last !== undefined && at - last.to <= longest) times[times.length - 1] = { from: last.from, to: at };
    else times.push({ from: at, to: at });
  }
  return times;
};

const drawPart = (line: readonly Moment[], { from, to }: BusyTime): string => {
  let drawn = '';
  const mine = line.filter(({ at }) => at >= from && at <= to);
  for (const at of new Set(mine.map((moment) => moment.at))) {
    const letters = mine.filter((moment) => moment.at === at).map(({ letter }) => letter);
    drawn = drawn.padEnd(at - from, '-') + (letters.length > 1 ? `(${letters.join('')})` : letters.join(''));
  }
  return drawn;
};
