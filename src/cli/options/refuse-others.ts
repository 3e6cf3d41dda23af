/** Refuses options that have no effect together with another one: a user would believe that an ignored option works. */
import { badOption, CliError, exitCodes } from './usage.js';

/**
 * @param allowed the options that have an effect, by their names in the program.
 * @param expected what the others are to be given with, such as `a run without --all`.
 * @throws CliError that names the first other option, as it is written on the command line.
 */
export const refuseOthers = (options: object, allowed: ReadonlySet<string>, expected: string): void => {
  const other = Object.entries(options).find(([name, value]) => value !== undefined && !allowed.has(name));
  if (other === undefined) return;
  const flag = other[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  // A flag has no value to show.
  if (other[1] === true) throw new CliError(`--${flag}: expected ${expected}`, exitCodes.usage);
  throw badOption(`--${flag}`, String(other[1]), expected);
};
