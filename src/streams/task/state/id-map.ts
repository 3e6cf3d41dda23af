/**
 * A map from ids to plain data that is never changed in place, and is plain data itself. A task may have ten thousand
 * execs: a change copies one of many small objects, not all of them.
 */
export type IdMap<V> = readonly (Readonly<Record<string, V>> | null)[];

const size = 256;

export const noIds: IdMap<never> = [];

const slotOf = (id: string): number => {
  let hash = 0;
  for (let at = 0; at < id.length; at += 1) hash = (hash * 31 + id.charCodeAt(at)) | 0;
  return (hash >>> 0) % size;
};

export const getId = <V>(map: IdMap<V>, id: string): V | undefined => {
  const slot = map[slotOf(id)];
  return slot !== undefined && slot !== null && Object.hasOwn(slot, id) ? slot[id] : undefined;
};

export const setId = <V>(map: IdMap<V>, id: string, value: V): IdMap<V> => {
  const next = map.length === 0 ? new Array<Readonly<Record<string, V>> | null>(size).fill(null) : [...map];
  const at = slotOf(id);
  next[at] = { ...next[at], [id]: value };
  return next;
};

/** The very same map when it has no such id. */
export const deleteId = <V>(map: IdMap<V>, id: string): IdMap<V> => {
  if (getId(map, id) === undefined) return map;
  const at = slotOf(id);
  const { [id]: _, ...others } = map[at] ?? {};
  const next = [...map];
  next[at] = Object.keys(others).length === 0 ? null : others;
  return next.every((slot) => slot === null) ? noIds : next;
};
