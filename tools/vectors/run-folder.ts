/** All vectors of a folder, one after the other. A file that is no vector is passed over; a broken one has failed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/hcs/errors.js';
import { parseVector } from './parse-vector.js';
import { runVector, type VectorResult } from './run-vector.js';

/** The files of a folder that may hold vectors. */
export const vectorFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));

/**
 * What came of one file; `undefined` when it holds no vector.
 *
 * @param wanted part of the names of the scenarios to run.
 */
export const runFile = async (file: string, wanted = ''): Promise<VectorResult | undefined> => {
  try {
    const vector = parseVector(readFileSync(file, 'utf8'));
    return vector?.scenario.includes(wanted) ? await runVector(vector) : undefined;
  } catch (error) {
    return { scenario: file, corrected: [], differences: [messageOf(error)] };
  }
};
