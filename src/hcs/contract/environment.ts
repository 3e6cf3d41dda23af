/**
 * The environment of a Windows process, from the `NAME=value` pairs of an OCI process.
 *
 * The Host Compute Service takes a map and cannot represent an empty value: such pairs are left out. Linux guests get
 * the pairs unchanged.
 */

/**
 * A map of the variables that have a value.
 *
 * A pair is split at its first `=`. A pair without `=` or value is dropped; of two with the same name the later wins.
 * Names are compared case-sensitively, although Windows ignores case.
 *
 * @example environmentOf(['A=1', 'B=', 'C', 'D=x=y']) // { A: '1', D: 'x=y' }
 */
export const environmentOf = (pairs: readonly string[]): Readonly<Record<string, string>> => {
  const variables = new Map<string, string>();
  for (const pair of pairs) {
    const split = pair.indexOf('=');
    const value = pair.slice(split + 1);
    if (split >= 0 && value !== '') variables.set(pair.slice(0, split), value);
  }
  // Defines own properties, unlike assignment: a variable may be called `__proto__`.
  return Object.fromEntries(variables);
};
