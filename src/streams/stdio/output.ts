/**
 * What a process wrote, as text.
 *
 * Pulled as bytes are: nothing is read ahead of the loop, and leaving the loop leaves the output. The types are those of
 * the language: those of ix would ask a user's program for the DOM.
 */
import { as } from 'ix/asynciterable/asynciterablex';
import { invalid } from '../../hcs/errors.js';

/** An exec has no `stdout` or `stderr` unless its stdio asks for it as `pipe`; that is told as an error here. */
export type Output = AsyncIterable<Uint8Array> | undefined;

export interface LinesOptions {
  /** A longer line comes in pieces of this length, so that memory stays bounded. In UTF-16 units; default 1 Mi. */
  readonly maxLength?: number;
}

const MAX_LENGTH = 1024 * 1024;

/**
 * Returns the output decoded from UTF-8, in pieces as they come. Characters may lie across chunks; what is not UTF-8
 * becomes U+FFFD.
 *
 * @example for await (const piece of decode(exec.stdout)) process.stdout.write(piece);
 */
export const decode = (output: Output): AsyncIterable<string> => as(decoded(output));

/**
 * Reads the output to its end and returns all of it as text. All of it is held in memory: for output that may be large,
 * take `lines` or `decode`.
 *
 * @example const version = await text(exec.stdout);
 */
export const text = async (output: Output): Promise<string> => {
  let all = '';
  for await (const piece of decoded(output)) all += piece;
  return all;
};

/**
 * Returns the lines of the output, decoded from UTF-8, without their ends: `\n` or `\r\n`. A last line need not have
 * one. Throws `invalidArgument` for a `maxLength` that is no whole number from 1, nor Infinity.
 *
 * @example for await (const line of lines(caller.stdout)) console.log(line);
 */
export const lines = (
  output: Output,
  { maxLength = MAX_LENGTH }: LinesOptions = {},
): AsyncIterable<string> => {
  if (!(maxLength >= 1 && (Number.isInteger(maxLength) || maxLength === Number.POSITIVE_INFINITY)))
    throw invalid('maxLength', maxLength, 'a whole number from 1, or Infinity');
  return as(split(decoded(output), maxLength));
};

const decoded = (output: Output): AsyncIterable<string> => {
  if (output === undefined) throw invalid('output', output, "an output: one asked for as 'pipe' in stdio");
  return decodedChunks(output);
};

async function* decodedChunks(output: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const chunk of output) {
    const piece = decoder.decode(chunk, { stream: true });
    if (piece !== '') yield piece;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

async function* split(
  pieces: AsyncIterable<string>,
  maxLength: number,
): AsyncGenerator<string, void, undefined> {
  let line = '';
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      line += piece.slice(from, end);
      from = end + 1;
      yield* cut(line.endsWith('\r') ? line.slice(0, -1) : line, maxLength);
      line = '';
    }
    line += piece.slice(from);
    // A return may belong to the end of the line, which has not come yet.
    while (line.length > maxLength && line.slice(maxLength) !== '\r') {
      const end = endOfPiece(line, maxLength);
      yield line.slice(0, end);
      line = line.slice(end);
    }
  }
  if (line !== '') yield* cut(line, maxLength);
}

function* cut(line: string, maxLength: number): Generator<string, void, undefined> {
  let from = 0;
  while (line.length - from > maxLength) {
    const end = endOfPiece(line, maxLength, from);
    yield line.slice(from, end);
    from = end;
  }
  yield line.slice(from);
}

/** Does not cut a character of two units in half, unless it has to. */
const endOfPiece = (line: string, maxLength: number, from = 0): number => {
  const end = from + maxLength;
  const half = (line.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return half && maxLength > 1 ? end - 1 : end;
};
