import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parseVector } from '../../../tools/vectors/parse-vector.js';
import { vectorFiles } from '../../../tools/vectors/run-folder.js';
import { runVector } from '../../../tools/vectors/run-vector.js';
import { doubleHarness } from './double-harness.js';
import { overEachLibrary } from './on-the-double.js';

const vectors = ['exec', 'exec-extra']
  .flatMap((folder) => vectorFiles(join('spec/vectors', folder)))
  .map((file) => [basename(file, '.json'), parseVector(readFileSync(file, 'utf8'))] as const)
  .filter(([, vector]) => vector?.setup.os === 'windows');

overEachLibrary('over the engine the exec does as the original was seen to do', ({ double }) => {
  it.each(vectors)('%s', async (_, vector) => {
    const differences = async (rest: number) =>
      (await runVector(vector!, doubleHarness(double, rest))).differences;
    const found = await differences(10);
    // Nothing says that the threads of the double have been heard. On a busy machine they may need longer: what is then as
    // it should be was only late.
    expect(found.length === 0 ? found : await differences(300)).toEqual([]);
  });
});
