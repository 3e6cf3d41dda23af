/** What a machine lacks for what needs more than Node. It knows nothing of jest, so that tools can ask too. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

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
