/**
 * Parses the body of a request. Unknown fields are ignored, as by Microsoft's agent; a known field of the wrong type is
 * an error that names it.
 */
import { messageOf } from '../../hcs/failures/errors.js';
import { type Fields, isFields, textOf } from '../../hcs/guest/protocol/json.js';
import { malformed } from '../error.js';

export interface Request {
  readonly containerId: string;
  readonly activityId: string | undefined;
  readonly fields: Fields;
}

/** @throws AgentError if it is malformed. `null` is read as an empty object. */
export const readRequest = (body: Uint8Array): Request => {
  const fields = documentOf('in message', textOf(body)) ?? {};
  return {
    containerId: textField(fields, 'ContainerId') ?? '',
    activityId: textField(fields, 'ActivityId') || undefined,
    fields,
  };
};

/** Parses a JSON document embedded as a string in a field. @throws AgentError if it is malformed. */
export const embeddedIn = (fields: Fields, name: string): Fields => {
  const text = textField(fields, name) ?? '';
  return documentOf(`for ${name}`, text) ?? {};
};

/** @throws AgentError if the field is no string. */
export const textField = (fields: Fields, name: string): string | undefined => {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(name, 'a string', fields);
};

/** An unsigned integer of 16 or 32 bits; zero if absent. @throws AgentError */
export const numberField = (fields: Fields, name: string, bits: 16 | 32 = 32): number => {
  const value = fields[name] ?? 0;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** bits)
    return value as number;
  throw wrong(name, `a number of ${bits} bits`, fields);
};

/** @throws AgentError if the field is no object. */
export const objectField = (fields: Fields, name: string): Fields | undefined => {
  const value = fields[name] ?? undefined;
  if (value === undefined || isFields(value)) return value;
  throw wrong(name, 'an object', fields);
};

const documentOf = (where: string, text: string): Fields | undefined => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw malformed(`${where} ${JSON.stringify(text.slice(0, 200))}`, messageOf(error));
  }
  if (document === null) return undefined;
  if (isFields(document)) return document;
  throw malformed(`${where} ${JSON.stringify(text.slice(0, 200))}`, 'expected an object');
};

const wrong = (name: string, expected: string, fields: Fields) =>
  malformed(
    `in message ${JSON.stringify(JSON.stringify(fields).slice(0, 200))}`,
    `${name}: expected ${expected}`,
  );
