/**
 * Scripts: marbles that describe a simulated process or call. One column is one millisecond, as in the tests of rxjs:
 * `-` lets one pass, `20ms` (or `s`, `m`, followed by a space) many, spaces mean nothing, and a group in `( )` happens
 * at one instant and takes as many columns as it has characters. `@2ms` goes to that time, counted from the beginning,
 * which also allows times within a group: `(cr)@2ms (x|)`.
 */
import { invalid } from '../failures/errors.js';

/** An entry of a script, and its time in milliseconds from the beginning. */
export interface Moment {
  readonly at: number;
  readonly letter: string;
}

/** A time that passes, or with `@` one to go to. */
const timeAt = /(@?)(\d+(?:\.\d+)?)(ms|s|m)(?= |$)/y;
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/**
 * Parses a script.
 *
 * @param field the name of the script, for the error.
 * @throws RxshimError `invalidArgument` for unbalanced parentheses, or a time that has passed.
 */
export const momentsOf = (script: string, field = 'script'): readonly Moment[] => {
  if (typeof script !== 'string') throw invalid(field, script, "marbles, such as 'r--o--(x|)'");
  const moments: Moment[] = [];
  let at = 0;
  let group: number | undefined;
  for (let place = 0; place < script.length; place += 1) {
    const letter = script[place] as string;
    timeAt.lastIndex = place;
    const time = group === undefined ? timeAt.exec(script) : null;
    if (time !== null) {
      const ms = Number(time[2]) * (units[time[3] as string] as number);
      at = exact(time[1] === '' ? at + ms : ms);
      if (at < (moments.at(-1)?.at ?? 0)) throw invalid(field, script, `${time[0]} not to have passed`);
      place += time[0].length - 1;
    } else if (letter === '@') {
      throw invalid(field, script, "a moment behind '@', such as '@5ms ', and outside of parentheses");
    } else if (letter === '(' && group === undefined) {
      group = at;
      at = exact(at + 1);
    } else if (letter === ')' && group !== undefined) {
      group = undefined;
      at = exact(at + 1);
    } else if (letter === '(' || letter === ')') {
      throw invalid(field, script, 'parentheses that match');
    } else if (letter !== ' ') {
      if (letter !== '-') moments.push({ at: group ?? at, letter });
      at = exact(at + 1);
    }
  }
  if (group !== undefined) throw invalid(field, script, 'parentheses that match');
  return moments;
};

/** Rounds off the error of a sum of decimals. */
export const exact = (ms: number): number => (Number.isInteger(ms) ? ms : Math.round(ms * 1e6) / 1e6);
