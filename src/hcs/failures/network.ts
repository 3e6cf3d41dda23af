/**
 * Reads from network errors whether they are timeouts, or temporary.
 *
 * Go-like errors have methods (`timeout()`, `temporary()`), errors of Node are identified by their code, those of RxJS
 * and AbortSignal by their name. All three are recognised.
 */
import { findInChain } from './chain.js';

/** An error with Go's methods. */
export interface NetworkError {
  timeout(): boolean;
  temporary(): boolean;
}

/** Whether the first network error in the chain is a timeout; false if there is none. */
export const ranOutOfTime = (error: unknown): boolean => networkErrorIn(error)?.timeout() ?? false;

/** Whether the first network error in the chain is temporary; false if there is none. */
export const mayPass = (error: unknown): boolean => networkErrorIn(error)?.temporary() ?? false;

const networkErrorIn = (error: unknown): NetworkError | undefined => {
  const found = findInChain(error, (link): link is object => answers(link) || known(link) !== undefined);
  return answers(found) ? found : known(found);
};

// An error with a place (`hcs-error.ts`) only forwards the question: asking it on a cycle of causes would not end.
const answers = (value: unknown): value is NetworkError => {
  const { timeout, temporary, place } = fieldsOf(value);
  return typeof timeout === 'function' && typeof temporary === 'function' && place === undefined;
};

const timeouts = new Set<unknown>(['ETIMEDOUT', 'EAGAIN', 'TimeoutError']);
const passing = new Set<unknown>([...timeouts, 'EINTR', 'EMFILE', 'ENFILE']);

const known = (value: unknown): NetworkError | undefined => {
  const { code, name, syscall } = fieldsOf(value);
  if (typeof syscall !== 'string' && !passing.has(code) && !passing.has(name)) return undefined;
  const isIn = (set: ReadonlySet<unknown>) => set.has(code) || set.has(name);
  return { timeout: () => isIn(timeouts), temporary: () => isIn(passing) };
};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
