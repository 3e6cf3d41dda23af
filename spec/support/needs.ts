/**
 * Specs that need more of the machine than Node: where it is missing they are reported as skipped, with the reason in
 * their name, and in CI they fail.
 */
import { describe } from '@jest/globals';

export const describeWith =
  (reason: string | undefined): ((title: string, specs: () => void) => void) =>
  (title, specs) => {
    if (reason === undefined) return describe(title, specs);
    if (process.env['CI'] === 'true') throw new Error(`CI must be able to run this: ${reason}`);
    describe.skip(`${title} (skipped: ${reason})`, specs);
  };

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

export const describeAsRoot = describeWith(isRoot ? undefined : 'needs to be root on Linux');
