/**
 * Walks everything that stands behind an error: its causes, and the members of aggregates, however they are nested.
 *
 * Works on anything that was thrown, ends on cycles, and is iterative, so that a chain of any length fits.
 */

/** The error itself, then what is behind it, depth first; each object once. */
export function* errorChain(error: unknown): Generator<unknown, void, undefined> {
  const seen = new Set<unknown>();
  const ahead: unknown[] = [error];
  while (ahead.length > 0) {
    const next = ahead.pop();
    if (seen.has(next)) continue;
    seen.add(next);
    yield next;
    // Taken from the end: what comes first goes last.
    for (const behind of behindOf(next).reverse()) ahead.push(behind);
  }
}

/** The first in the chain that a test holds for. */
export const findInChain = <T>(error: unknown, test: (link: unknown) => link is T): T | undefined => {
  for (const link of errorChain(error)) if (test(link)) return link;
  return undefined;
};

const behindOf = (error: unknown): unknown[] => {
  if (typeof error !== 'object' || error === null) return [];
  const { cause, errors } = error as { readonly cause?: unknown; readonly errors?: unknown };
  const members = Array.isArray(errors) ? [...errors] : [];
  return cause === undefined ? members : [cause, ...members];
};
