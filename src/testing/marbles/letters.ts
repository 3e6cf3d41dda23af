/**
 * Assigns letters to values in drawings, with a legend.
 */

/** Without the letters that have a meaning in a life (c, r) or a time (m, s). */
const alphabet = [...'xyzabdefghijklnopqtuvwABCDEFGHIJKLMNOPQRSTUVWXYZ'];

export interface Letters<T> {
  /** The letter of a value: the one it has, or the next free one. */
  of(value: T): string;
  /** `{ x: 143 }`: the legend of a drawing. Empty if it needs none. */
  beside(drawn: string): string;
}

/**
 * @param values letters that are taken.
 * @param same whether two values share a letter.
 * @param show formats a value.
 */
export const lettersFor = <T>(
  values: Readonly<Record<string, T>>,
  same: (one: T, other: T) => boolean,
  show: (value: T) => string,
): Letters<T> => {
  const known = new Map(Object.entries(values));
  const next = (): string => {
    const free = alphabet.find((letter) => !known.has(letter));
    // More letters than a person can read: any character will do.
    return free ?? String.fromCharCode(0x4e00 + known.size);
  };
  return {
    of: (value) => {
      for (const [letter, other] of known) if (same(value, other)) return letter;
      const letter = next();
      known.set(letter, value);
      return letter;
    },
    beside: (drawn) => {
      const marbles = drawn.replace(/@?\d+(\.\d+)?(ms|s|m)(?= |$)/g, '');
      const used = [...known].filter(
        ([letter, value]) => !Object.is(value, letter) && marbles.includes(letter),
      );
      if (used.length === 0) return '';
      return `{ ${used.map(([letter, value]) => `${nameOf(letter)}: ${show(value)}`).join(', ')} }`;
    },
  };
};

const nameOf = (letter: string): string => (/^[A-Za-z_$]$/.test(letter) ? letter : `'${letter}'`);
