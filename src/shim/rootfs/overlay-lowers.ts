/** The lower directories in the data of an overlay mount. */
import { dirname } from 'node:path';

export interface Lowers {
  /** The directory that contains all of them. */
  readonly parent: string;
  /** Relative to `parent`. */
  readonly names: readonly string[];
}

const prefix = 'lowerdir=';

/** `undefined` if there are none, or they have only the root directory in common. */
export const lowersOf = (data: string): Lowers | undefined => {
  const word = data.split(',').find((each) => each.startsWith(prefix));
  const paths = word?.slice(prefix.length).split(':') ?? [];
  const parent = commonParent(paths);
  if (parent === '/') return undefined;
  return { parent, names: paths.map((path) => path.slice(parent.length + 1)) };
};

/** The same data with other lower directories. */
export const withLowers = (data: string, paths: readonly string[]): string =>
  data
    .split(',')
    .map((word) => (word.startsWith(prefix) ? lowerdir(paths) : word))
    .join(',');

export const lowerdir = (paths: readonly string[]): string => `${prefix}${paths.join(':')}`;

const commonParent = (paths: readonly string[]): string => {
  let common = dirname(paths[0] ?? '/');
  while (common !== '/' && !paths.every((path) => path.startsWith(`${common}/`))) common = dirname(common);
  return common;
};
