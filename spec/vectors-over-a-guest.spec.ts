import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { guestHarness } from '../tools/vectors/guest-harness.js';
import { parseVector } from '../tools/vectors/parse-vector.js';
import { vectorFiles } from '../tools/vectors/run-folder.js';
import { runVector } from '../tools/vectors/run-vector.js';
import type { Vector } from '../tools/vectors/vector.js';

/**
 * Over the bridge this number is the answer "not delivered", which the client tells as such; these vectors have it as a
 * failure of the call, which they then take for "already stopped". Nothing that a guest can say leads there.
 */
const unsayable = ({ setup }: Vector): boolean =>
  ['process.signal', 'process.kill'].some((call) => setup.faults[call] === 'hcs:elementNotFound');

const vectors = vectorFiles(fileURLToPath(new URL('vectors/exec', import.meta.url))).flatMap((file) => {
  const vector = parseVector(readFileSync(file, 'utf8'));
  return vector === undefined || vector.setup.os !== 'linux'
    ? []
    : [[basename(file, '.json'), vector] as const];
});

describe('over a bridge to a guest, the exec does as the original was seen to do', () => {
  it.each(vectors.filter(([, vector]) => !unsayable(vector)))('%s', async (_, vector) => {
    expect((await runVector(vector, guestHarness)).differences).toEqual([]);
  });

  it('in all that a guest can say', () => {
    expect(vectors.filter(([, vector]) => unsayable(vector)).map(([name]) => name)).toEqual([
      'kill-error-elementnotfound-kill-lcow',
    ]);
  });
});
