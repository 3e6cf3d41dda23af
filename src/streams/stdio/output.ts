/**
 * The output of a process, as text.
 *
 * Pulled as bytes are: nothing is read ahead of the loop, and leaving the loop leaves the output. The types are those of
 * the language: those of ix would ask a user's program for the DOM.
 */
import { invalid } from '../../hcs/failures/errors.js';
import { utf8Decoder } from './utf8-decoder.js';

/** An exec has no `stdout` or `stderr` unless its stdio is `pipe`; otherwise this is an error. */
export type Output = AsyncIterable<Uint8Array> | undefined;

/**
 * Returns the output decoded from UTF-8, in pieces as they come. Characters may lie across chunks; what is not UTF-8
 * becomes U+FFFD.
 *
 * @example for await (const piece of decode(exec.stdout)) process.stdout.write(piece);
 */
export const decode = (output: Output): AsyncIterable<string> => decoded(output);

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

const decoded = (output: Output): AsyncIterable<string> => {
  if (output === undefined) throw invalid('output', output, "an output: one asked for as 'pipe' in stdio");
  return decodedChunks(output);
};

async function* decodedChunks(output: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = utf8Decoder();
  for await (const chunk of output) {
    const piece = decoder.decode(chunk);
    if (piece !== '') yield piece;
  }
  const rest = decoder.end();
  if (rest !== '') yield rest;
}
