/**
 * The JSON of the bridge: bodies, and documents embedded as strings.
 *
 * Bodies from a host end with a newline, those from a guest do not; both are accepted.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** Encodes a document for a string field as hosts do: with HTML characters escaped. */
export const embedded = (document: unknown): string =>
  JSON.stringify(document).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** @throws SyntaxError for invalid JSON. */
export const parseBody = (body: Uint8Array): unknown => JSON.parse(textOf(body));

/** The text of a body, without a copy of its bytes. */
export const textOf = (body: Uint8Array): string =>
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
