/**
 * Scripts: marbles that say what a simulated process or call does, and when. One column is one millisecond, as in the
 * tests of rxjs: `-` lets one pass, `20ms` (or `s`, `m`, with a space behind) many, spaces mean nothing, and what stands
 * in `( )` happens at one instant and takes as many columns as it has characters.
 */
import { invalid } from '../errors.js';

/** Something that a script says, and when, in milliseconds from its beginning. */
export interface Moment {
  readonly at: number;
  readonly letter: string;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** Reads a script. @throws RxshimError `invalidArgument` for parentheses that do not match. */
export const momentsOf = (script: string): readonly Moment[] => {
  if (typeof script !== 'string') throw invalid('script', script, "marbles, such as 'r--o--(x|)'");
  const moments: Moment[] = [];
  let at = 0;
  let group: number | undefined;
  for (let place = 0; place < script.length; place += 1) {
    const letter = script[place] as string;
    const passing = group === undefined ? /^(\d+(?:\.\d+)?)(ms|s|m)(?= |$)/.exec(script.slice(place)) : null;
    if (passing !== null) {
      at += Number(passing[1]) * (units[passing[2] as string] as number);
      place += passing[0].length - 1;
    } else if (letter === '(' && group === undefined) {
      group = at;
      at += 1;
    } else if (letter === ')' && group !== undefined) {
      group = undefined;
      at += 1;
    } else if (letter === '(' || letter === ')') {
      throw invalid('script', script, 'parentheses that match');
    } else if (letter !== ' ') {
      if (letter !== '-') moments.push({ at: group ?? at, letter });
      at += 1;
    }
  }
  if (group !== undefined) throw invalid('script', script, 'parentheses that match');
  return moments;
};
