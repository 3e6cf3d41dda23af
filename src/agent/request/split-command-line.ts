/**
 * Splits a command line into words as a shell does: blanks separate words, quotes and backslashes join them. Nothing is
 * expanded.
 */

/** @returns `undefined` if a quote is not closed or the line ends with a backslash. */
export const splitCommandLine = (line: string): readonly string[] | undefined => {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] as string;
    if (character === '\\' && quote !== "'") {
      at += 1;
      const next = line[at];
      if (next === undefined) return undefined;
      // Within double quotes a backslash escapes only special characters.
      const kept = quote === '"' && !/["\\$`]/.test(next) ? '\\' : '';
      word = `${word ?? ''}${kept}${next}`;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = `${word ?? ''}${character}`;
    }
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
};
