/**
 * Specs that need more of the machine than Node: where it is missing they are reported as skipped, with the reason in
 * their name, and in CI, where all of it is installed, they fail.
 */
import { describe } from '@jest/globals';
import { lackAsRoot } from './lacks.js';

/** @param reason why they cannot run here; `undefined` where they can. */
export const describeWith =
  (reason: string | undefined): ((title: string, specs: () => void) => void) =>
  (title, specs) => {
    if (reason === undefined) return describe(title, specs);
    if (process.env['CI'] === 'true') throw new Error(`CI must be able to run this: ${reason}`);
    describe.skip(`${title} (skipped: ${reason})`, specs);
  };

export const describeAsRoot = describeWith(lackAsRoot());
