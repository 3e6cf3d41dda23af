/**
 * The JSON of the bridge: bodies, and documents that travel as text inside of one.
 *
 * Bodies of a host end with a newline and those of a guest do not; a reader takes both.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** A document as the text that stands for it in a field, written as hosts write it: safe to be shown in HTML. */
export const embedded = (document: unknown): string =>
  JSON.stringify(document).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws SyntaxError for what is no JSON. */
export const parseBody = (body: Uint8Array): unknown => JSON.parse(decoder.decode(body));

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
