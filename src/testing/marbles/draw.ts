/**
 * Draws lines of marbles one above the other on one time axis, to show where they differ. Each line, parsed as a
 * script, yields what it was drawn from, so it can be pasted as an expectation.
 */
import { exact, type Moment } from '../../hcs/simulated/script.js';

/** A longer pause is written as its duration. */
const longest = 12;

interface Line {
  /** The entries to draw at an instant. */
  readonly letters: ReadonlyMap<number, string>;
  /** Its last instant. */
  readonly last: number;
  text: string;
  /** The time of the end of the text for a parser. */
  time: number;
}

export const drawLines = (lines: readonly (readonly Moment[])[]): readonly string[] => {
  const drawn = lines.map(lineOf);
  const instants = [...new Set(lines.flat().map(({ at }) => at))].sort((a, b) => a - b);
  // A pause is drawn to scale: its column and time are those of its beginning.
  let stretch = { column: 0, from: 0, last: 0 };
  for (const at of instants) {
    const busy = drawn.filter(({ letters }) => letters.has(at));
    if (
      at - stretch.last > longest ||
      !Number.isInteger(exact(at - stretch.from)) ||
      busy.some(({ time }) => time > at)
    ) {
      const unfinished = drawn.filter(({ last }) => last >= at);
      for (const line of unfinished) align(line, stretch);
      // The columns of a group in another line pass here as well, so the axis is shared.
      const end = Math.min(at, Math.max(...unfinished.map(({ time }) => time)));
      for (const line of unfinished) {
        if (Number.isInteger(exact(end - line.time))) pass(line, end);
        if (line.time < at) pass(line, at);
        else if (line.time > at && busy.includes(line)) back(line, at);
      }
      stretch = { column: Math.max(...unfinished.map(({ text }) => text.length)), from: at, last: at };
    }
    stretch = { ...stretch, last: at };
    for (const line of busy) {
      align(line, stretch);
      pass(line, at, Number.POSITIVE_INFINITY);
      draw(line, at);
    }
  }
  return drawn.map(({ text }) => text || '-');
};

/** Pads the text to the column of its time. A parser ignores spaces. */
const align = (line: Line, { column, from }: { readonly column: number; readonly from: number }): void => {
  line.text = line.text.padEnd(column + Math.max(0, Math.ceil(exact(line.time - from))), ' ');
};

const pass = (line: Line, to: number, max = longest): void => {
  const ms = exact(to - line.time);
  if (ms <= 0) return;
  line.text += Number.isInteger(ms) && ms <= max ? '-'.repeat(ms) : ` ${ms}ms `;
  line.time = to;
};

/** Goes to a time within the width of the last group. */
const back = (line: Line, to: number): void => {
  line.text += `@${to}ms `;
  line.time = to;
};

const draw = (line: Line, at: number): void => {
  const letters = line.letters.get(at) ?? '';
  const text = letters.length > 1 ? `(${letters})` : letters;
  // Must not be parsed as a time: 5s.
  if (/^[ms]/.test(text) && /\d$/.test(line.text)) line.text += ' ';
  line.text += text;
  line.time = exact(line.time + text.length);
};

const lineOf = (moments: readonly Moment[]): Line => {
  const letters = new Map<number, string>();
  for (const { at, letter } of moments) letters.set(at, (letters.get(at) ?? '') + letter);
  return { letters, last: moments.at(-1)?.at ?? -1, text: '', time: 0 };
};
