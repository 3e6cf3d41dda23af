/** Paths given as `{ path }` become the names that they stand for. */
import type { GivenPath, UpstreamRequest } from './stdio-request.js';

/** A stream of Node has a path as well; what is given here has nothing else. */
const isGivenPath = (asked: unknown): asked is GivenPath =>
  typeof asked === 'object' &&
  asked !== null &&
  typeof (asked as GivenPath).path === 'string' &&
  Object.keys(asked).length === 1;

export const nameOf = <T>(asked: T | GivenPath): T | string => (isGivenPath(asked) ? asked.path : asked);

/** The same request without any `{ path }`. */
export const withNames = <R extends UpstreamRequest>(request: R): R => {
  const given = (['stdin', 'stdout', 'stderr'] as const).filter((field) => isGivenPath(request[field]));
  if (given.length === 0) return request;
  return { ...request, ...Object.fromEntries(given.map((field) => [field, nameOf(request[field])])) };
};
