/** One vector: lived, and held against what it expects once the corrections have been made there. */
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../src/hcs/failures/errors.js';
import { compare } from './compare.js';
import { corrections } from './corrections.js';
import type { MakeHarness } from './harness.js';
import { observe } from './observe.js';
import type { Vector } from './vector.js';

export interface VectorResult {
  readonly scenario: string;
  /** The corrections that changed what was expected, by number. */
  readonly corrected: readonly string[];
  /** What differs, in paragraphs; none when the vector holds. */
  readonly differences: readonly string[];
}

/** @param makeStage what the exec lives on; default: the scripted system. */
export const runVector = async (vector: Vector, makeHarness?: MakeHarness): Promise<VectorResult> => {
  const { scenario } = vector;
  try {
    const { corrected, expected } = correct(vector);
    return { scenario, corrected, differences: compare(expected, await observe(vector, makeHarness)) };
  } catch (error) {
    return { scenario, corrected: [], differences: [`the vector could not be run: ${messageOf(error)}`] };
  }
};

/** What is expected of rxshim, and which corrections made a difference to what the original did. */
export const correct = (vector: Vector): { corrected: string[]; expected: Vector } => {
  let expected = vector;
  const corrected: string[] = [];
  for (const { name, rewrite } of corrections) {
    const rewritten = rewrite(expected);
    if (isDeepStrictEqual(rewritten, expected)) continue;
    corrected.push(name);
    expected = rewritten;
  }
  return { corrected, expected };
};
