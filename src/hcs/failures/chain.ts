/**
 * Walks the causes of an error and the members of aggregates, however they are nested.
 *
 * Accepts anything that was thrown, stops at cycles, and is iterative, so a chain of any length works.
 */

/** The error itself, then its causes, depth first; each object once. */
export function* errorChain(error: unknown): Generator<unknown, void, undefined> {
  const seen = new Set<unknown>();
  const ahead: unknown[] = [error];
  while (ahead.length > 0) {
    const next = ahead.pop();
    if (seen.has(next)) continue;
    seen.add(next);
    yield next;
    // A stack: the first one is pushed last.
    for (const behind of behindOf(next).reverse()) ahead.push(behind);
  }
}

/** The first error in the chain that passes the test. */
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
