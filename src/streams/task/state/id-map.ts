/**
 * A map from ids to plain data that is never changed in place, and is plain data itself. A task may have ten thousand
 * execs: a change copies one of many small objects, not all of them.
 */
export type IdMap<V> = Readonly<Record<number, Readonly<Record<string, V>>>>;

const slots = 256;

export const noIds: IdMap<never> = {};

const slotOf = (id: string): number => {
  let hash = 0;
  for (let at = 0; at < id.length; at += 1) hash = (hash * 31 + id.charCodeAt(at)) | 0;
  return (hash >>> 0) % slots;
};

export const getId = <V>(map: IdMap<V>, id: string): V | undefined => {
  const slot = map[slotOf(id)];
  return slot !== undefined && Object.hasOwn(slot, id) ? slot[id] : undefined;
};

export const setId = <V>(map: IdMap<V>, id: string, value: V): IdMap<V> => {
  const at = slotOf(id);
  return { ...map, [at]: { ...map[at], [id]: value } };
};

/** The very same map when it has no such id. */
export const deleteId = <V>(map: IdMap<V>, id: string): IdMap<V> => {
  if (getId(map, id) === undefined) return map;
  const at = slotOf(id);
  const { [id]: _, ...others } = map[at] ?? {};
  if (Object.keys(others).length > 0) return { ...map, [at]: others };
  const { [at]: __, ...left } = map;
  return left;
};
