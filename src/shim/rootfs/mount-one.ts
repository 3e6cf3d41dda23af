/**
 * Mounts one file system as containerd describes it.
 */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { RxshimError } from '../../hcs/failures/errors.js';
import { mount, mountFlag } from '../../hcs/native/mount/mount.js';
import { mountOptions } from './mount-options.js';

export interface RootfsMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** The kernel takes one page of data, its end included. */
const longestData = 4095;

export const mountOne = async ({ type, source, options }: RootfsMount, target: string): Promise<void> => {
  const { flags, propagation, data, loop } = mountOptions(options);
  try {
    if (loop) return await mountByProgram(type, source, options, target);
    const call = { source, target, type, flags };
    if (Buffer.byteLength(data) <= longestData) mount({ ...call, data });
    else withShortLowers(data, (shorter) => mount({ ...call, data: shorter }));
    const bindFlags = flags & ~(mountFlag.bind | mountFlag.recursive);
    // The kernel ignores every other flag of a bind mount but on a second call.
    if ((flags & mountFlag.bind) !== 0 && bindFlags !== 0) {
      mount({ source: '', target, type: '', flags: flags | mountFlag.remount, data });
    }
    if (propagation !== 0) mount({ source: '', target, type: '', flags: propagation, data: '' });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new RxshimError('unknown', `failed to mount ${type} ${source} at ${target}: ${code || message}`, {
      cause,
    });
  }
};

/** mount(8) finds a loop device and gives it back with the unmount. */
const mountByProgram = (
  type: string,
  source: string,
  options: readonly string[],
  target: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const words = options.length === 0 ? [] : ['-o', options.join(',')];
    execFile('mount', ['-t', type, ...words, source, target], (error, _stdout, stderr) => {
      if (error) reject(new Error(stderr.trim() || error.message));
      else resolve();
    });
  });

/**
 * An overlay of many layers names more directories than fit. Told from the directory that they have in common the names
 * are short; nothing else runs between the two changes of directory.
 */
const withShortLowers = (data: string, mounting: (data: string) => void): void => {
  const words = data.split(',');
  const at = words.findIndex((word) => word.startsWith('lowerdir='));
  const lowers = words[at]?.slice('lowerdir='.length).split(':') ?? [];
  const common = commonParent(lowers);
  if (common === '/' || lowers.length === 0)
    throw new Error(`the mount data is longer than ${longestData} bytes`);
  words[at] = `lowerdir=${lowers.map((lower) => lower.slice(common.length + 1)).join(':')}`;
  const before = process.cwd();
  process.chdir(common);
  try {
    mounting(words.join(','));
  } finally {
    process.chdir(before);
  }
};

const commonParent = (paths: readonly string[]): string => {
  let common = dirname(paths[0] ?? '/');
  while (common !== '/' && !paths.every((path) => path.startsWith(`${common}/`))) common = dirname(common);
  return common;
};
