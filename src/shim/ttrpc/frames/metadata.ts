/** Metadata of a request: values by name. Names are lower-case, and one name may have several values. */
import type { KeyValue } from '../generated/ttrpc.js';

export type Metadata = ReadonlyMap<string, readonly string[]>;

const none: Metadata = new Map();

/**
 * Metadata from a plain object.
 *
 * @example metadataOf({ 'containerd-namespace-ttrpc': 'default' })
 */
export const metadataOf = (values: Readonly<Record<string, string | readonly string[]>>): Metadata =>
  new Map(
    Object.entries(values).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? [value] : [...value],
    ]),
  );

export const toPairs = (metadata: Metadata): KeyValue[] => {
  const pairs: KeyValue[] = [];
  for (const [key, values] of metadata) for (const value of values) pairs.push({ key, value });
  return pairs;
};

export const fromPairs = (pairs: readonly KeyValue[]): Metadata => {
  if (pairs.length === 0) return none;
  const metadata = new Map<string, string[]>();
  for (const { key, value } of pairs) {
    const name = key.toLowerCase();
    const values = metadata.get(name);
    if (values === undefined) metadata.set(name, [value]);
    else values.push(value);
  }
  return metadata;
};
