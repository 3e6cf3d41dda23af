/**
 * From the body of a request to its fields. As lenient as Microsoft's guest with what it does not know, and as strict
 * with what it does: a field of another type is an error that names it.
 */
import { messageOf } from '../hcs/failures/errors.js';
import { type Fields, isFields, parseBody } from '../hcs/guest/protocol/json.js';
import { malformed } from './guest-error.js';

export interface Request {
  readonly containerId: string;
  readonly activityId: string | undefined;
  readonly fields: Fields;
}

/** @throws GuestError for what is no request. A whole that is null is one that says nothing. */
export const readRequest = (body: Uint8Array): Request => {
  const text = Buffer.from(body).toString();
  const fields = documentOf('in message', text, () => parseBody(body)) ?? {};
  return {
    containerId: textField(fields, 'ContainerId') ?? '',
    activityId: textField(fields, 'ActivityId') || undefined,
    fields,
  };
};

/** A document that travels as text in a field. @throws GuestError for what is none. */
export const embeddedIn = (fields: Fields, name: string): Fields => {
  const text = textField(fields, name) ?? '';
  return documentOf(`for ${name}`, text, () => JSON.parse(text)) ?? {};
};

/** @throws GuestError for a field that holds something else. */
export const textField = (fields: Fields, name: string): string | undefined => {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(name, 'a text', fields);
};

/** A whole number that is not negative, of so many bits; zero where there is none. @throws GuestError */
export const numberField = (fields: Fields, name: string, bits: 16 | 32 = 32): number => {
  const value = fields[name] ?? 0;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** bits)
    return value as number;
  throw wrong(name, `a number of ${bits} bits`, fields);
};

/** @throws GuestError for a field that holds something else. */
export const objectField = (fields: Fields, name: string): Fields | undefined => {
  const value = fields[name] ?? undefined;
  if (value === undefined || isFields(value)) return value;
  throw wrong(name, 'an object', fields);
};

const documentOf = (where: string, text: string, parse: () => unknown): Fields | undefined => {
  let document: unknown;
  try {
    document = parse();
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
