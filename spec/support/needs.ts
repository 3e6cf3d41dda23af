/**
 * Specs that need more of the machine than Node: where it is missing they are reported as skipped, with the reason in
 * their name, and in CI, where all of it is installed, they fail.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';

/** @param reason why they cannot run here; `undefined` where they can. */
export const describeWith =
  (reason: string | undefined): ((title: string, specs: () => void) => void) =>
  (title, specs) => {
    if (reason === undefined) return describe(title, specs);
    if (process.env['CI'] === 'true') throw new Error(`CI must be able to run this: ${reason}`);
    describe.skip(`${title} (skipped: ${reason})`, specs);
  };

/** Where a program is, if it is installed. A user's PATH may lack what is root's. */
export const programPath = (name: string): string | undefined =>
  `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** What is missing for specs that only root on Linux can run, with these programs. */
export const lackAsRoot = (...programs: readonly string[]): string | undefined => {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs to be root';
  const lacking = programs.filter((name) => programPath(name) === undefined);
  return lacking.length === 0 ? undefined : `not installed: ${lacking.join(', ')}`;
};

export const describeAsRoot = describeWith(lackAsRoot());
