/**
 * Messages in their own terms: documents that travel as text are read, and what every session has anew (ids, ports,
 * activities, spans, the order of fields) is left out.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Fields, isFields } from '../../src/hcs/guest/protocol/json.js';

/** The fields of a body; `undefined` for what is no object. */
export const fieldsOf = (body: Uint8Array): Fields | undefined => {
  const value = parsed(Buffer.from(body).toString());
  return isFields(value) ? value : undefined;
};

/** A request as two of them are compared. */
export const requestTerms = (body: Uint8Array): unknown => {
  const { ActivityId: _, otsc: __, ocsc: ___, ...fields } = fieldsOf(body) ?? {};
  return unfolded(fields);
};

const embedded = new Set(['ContainerConfig', 'ProcessParameters', 'Query']);

const unfolded = (value: unknown, name = ''): unknown => {
  if (name === 'VsockStdioRelaySettings' && isFields(value)) return Object.keys(value).sort();
  if (embedded.has(name) && typeof value === 'string') return unfolded(parsed(value) ?? value);
  if (Array.isArray(value)) return value.map((one) => unfolded(one));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unfolded(inner, key)]));
};

export const sameTerms = (expected: Uint8Array, actual: Uint8Array): boolean =>
  isDeepStrictEqual(requestTerms(expected), requestTerms(actual));

export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
};
