/** Checks of JSON that was read: each says where, and what was expected there. */

export type Fields = Readonly<Record<string, unknown>>;

export const check = (holds: boolean, place: string, expected: string): true => {
  if (!holds) throw new Error(`malformed vector: ${place}: expected ${expected}`);
  return true;
};

export const record = (place: string, value: unknown): Fields => {
  check(typeof value === 'object' && value !== null && !Array.isArray(value), place, 'an object');
  return value as Fields;
};

export const list = (place: string, value: unknown): readonly unknown[] => {
  check(Array.isArray(value), place, 'a list');
  return value as unknown[];
};

export const text = (place: string, value: unknown): string => {
  check(typeof value === 'string', place, 'a text');
  return value as string;
};
