/**
 * All vectors of a folder, one after the other. A file that is no vector is passed over; a broken one has failed, and
 * so has a folder in which there was nothing to prove.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/hcs/failures/errors.js';
import { parseVector } from './parse-vector.js';
import { runVector, type VectorResult } from './run-vector.js';

export interface FolderOptions {
  /** Part of the names of the scenarios to run. Default: all. */
  readonly wanted?: string | undefined;
  /** Whether to name those, too, about which there is nothing to say. */
  readonly verbose?: boolean;
  readonly print: (line: string) => void;
}

/** Runs them, says what came of it, and answers whether all is well. The last line counts. */
export const runFolder = async (
  folder: string,
  { wanted, verbose, print }: FolderOptions,
): Promise<boolean> => {
  let passed = 0;
  let failed = 0;
  try {
    for (const file of vectorFiles(folder)) {
      const result = await runFile(file, wanted);
      if (result === undefined) continue;
      const { scenario, corrected, differences } = result;
      const note = corrected.length === 0 ? '' : `  corrected: ${corrected.join(', ')}`;
      if (differences.length === 0) passed += 1;
      else failed += 1;
      if (differences.length > 0) print(`FAILED  ${scenario}${note}`);
      else if (verbose || note !== '') print(`ok      ${scenario}${note}`);
      for (const difference of differences) print(difference.replace(/^/gm, '        '));
    }
    if (passed + failed === 0) print(`no vectors${wanted ? ` named ${wanted}` : ''} in ${folder}`);
  } catch (error) {
    print(`cannot run ${folder}: ${messageOf(error)}`);
    failed += 1;
  }
  print(`${passed} passed, ${failed} failed`);
  return passed > 0 && failed === 0;
};

/** The files of a folder that may hold vectors. */
export const vectorFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));

/** What came of one file; `undefined` when it holds no vector, or none that is wanted. */
export const runFile = async (file: string, wanted = ''): Promise<VectorResult | undefined> => {
  try {
    const vector = parseVector(readFileSync(file, 'utf8'));
    return vector?.scenario.includes(wanted) ? await runVector(vector) : undefined;
  } catch (error) {
    return { scenario: file, corrected: [], differences: [messageOf(error)] };
  }
};
