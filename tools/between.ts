/** Documents that show what the code says: a text between two markers, `<!-- name:begin -->` and `<!-- name:end -->`. */

/** The document with this text between its markers; `undefined` where it has none of that name. */
export const between = (document: string, name: string, text: string): string | undefined => {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const [before, ...rest] = document.split(begin);
  const [, ...after] = rest.join(begin).split(end);
  return rest.length === 0 || after.length === 0
    ? undefined
    : `${before}${begin}\n${text}\n${end}${after.join(end)}`;
};
