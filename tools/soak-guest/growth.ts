/** Whether a side holds more than before, with a line for each size. */
import type { Sizes } from './sizes.js';

/** What compiled code and caches of the runtime may take, in bytes. A leaked exec holds more than a kilobyte. */
const slack = { fixed: 1024 * 1024, perExec: 100 };
/** Entries that caches may have more. */
const entries = 20;

export interface Growth {
  readonly grown: boolean;
  readonly lines: readonly string[];
}

export const growthOf = (before: Sizes, after: Sizes, execs: number): Growth => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const rows = names.map((name) => {
    const [from, to] = [before[name] ?? 0, after[name] ?? 0];
    return { name, from, to, grown: to - from > allowed(name, execs) };
  });
  return {
    grown: rows.some(({ grown }) => grown),
    lines: rows.map(
      ({ name, from, to, grown }) => `${name.padEnd(18)} ${from} → ${to}${grown ? '  GROWN' : ''}`,
    ),
  };
};

const allowed = (name: string, execs: number): number => {
  if (name.endsWith(', bytes')) return slack.fixed + slack.perExec * execs;
  return name.startsWith('entries') ? entries : 0;
};
