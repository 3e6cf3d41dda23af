/** Options that do not exist: most often a slip of the keys, or another library's name. */
import { invalid, RxshimError } from './errors.js';

/**
 * @param path what stands before the name in an error, such as `stdio.`
 * @param elsewhere names that other libraries use, with the option that is meant.
 * @throws RxshimError `invalidArgument` that names the option by its path, and the one that was meant if that is clear.
 */
export const refuseUnknown = (
  path: string,
  options: object,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): void => {
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name)) continue;
    const meant = Object.hasOwn(elsewhere, name) ? elsewhere[name] : nearest(name, known);
    const hint = meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`;
    throw new RxshimError('invalidArgument', `${path}${name}: there is no such option, ${hint}`, {
      invalid: { field: `${path}${name}`, value },
    });
  }
};

/**
 * Refuses what is no object, and options that are not known.
 *
 * @param path the name of the option whose fields are checked, such as `records`. Empty for the options themselves.
 * @throws RxshimError `invalidArgument`.
 */
export const requireKnown = (path: string, options: unknown, known: readonly string[]): void => {
  if (typeof options !== 'object' || options === null) throw invalid(path || 'options', options, 'an object');
  refuseUnknown(path && `${path}.`, options, known);
};

/**
 * Refuses a name that differs from a known one by a single slip of the keys, where other unknown names may mean something
 * to an engine: fields of an OCI process.
 * @throws RxshimError `invalidArgument` that names the field by its path, and the one that was meant.
 */
export const refuseMisspelt = (path: string, fields: object, known: readonly string[]): void => {
  for (const name of Object.keys(fields)) {
    if (known.includes(name)) continue;
    const meant = known.find((candidate) => distance(name, candidate) === 1);
    if (meant === undefined) continue;
    throw new RxshimError(
      'invalidArgument',
      `${path}${name}: there is no such field, did you mean ${meant}?`,
      {
        invalid: { field: `${path}${name}`, value: undefined },
      },
    );
  }
};

const nearest = (name: string, known: readonly string[]): string | undefined => {
  const distances = known.map((candidate) => distance(name.toLowerCase(), candidate.toLowerCase()));
  const least = Math.min(...distances);
  // Short names are all near each other.
  return least <= Math.min(2, name.length - 2) ? known[distances.indexOf(least)] : undefined;
};

/** How many characters have to be put in, left out, changed, or swapped with the next: optimal string alignment. */
const distance = (from: string, to: string): number => {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[at - 1] === to[column - 1];
      const isSwap = at > 1 && from[at - 1] === to[column - 2] && from[at - 2] === to[column - 1];
      next.push(
        Math.min(
          (row[column - 1] as number) + (isSame ? 0 : 1),
          (row[column] as number) + 1,
          (next[column - 1] as number) + 1,
          isSwap ? (before[column - 2] as number) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return row[to.length] as number;
};
