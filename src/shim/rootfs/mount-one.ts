/**
 * Mounts one file system as containerd describes it.
 */
import { execFile } from 'node:child_process';
import { RxshimError } from '../../hcs/failures/errors.js';
import { mountIdMapped } from '../../hcs/native/mount/idmapped.js';
import { mount, mountFlag } from '../../hcs/native/mount/mount.js';
import { withMappedLowers } from './mapped-lowers.js';
import { mountOptions } from './mount-options.js';
import { lowersOf, withLowers } from './overlay-lowers.js';

export interface RootfsMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** The kernel takes one page of data, its end included. */
const longestData = 4095;

export const mountOne = async ({ type, source, options }: RootfsMount, target: string): Promise<void> => {
  const { flags, propagation, data, loop, idMap } = mountOptions(options);
  try {
    if (idMap !== undefined && type === 'overlay') {
      const plain = options.filter((word) => !/^([ug]idmap|lowerdir)=/.test(word));
      return await withMappedLowers(data, idMap, (lowers) =>
        mountOne({ type, source, options: [...plain, lowers] }, target),
      );
    }
    if (loop) return await mountByProgram(type, source, options, target);
    const call = { source, target, type, flags };
    if (Buffer.byteLength(data) <= longestData) mount({ ...call, data });
    else withShortLowers(data, (shorter) => mount({ ...call, data: shorter }));
    const bindFlags = flags & ~(mountFlag.bind | mountFlag.recursive);
    // The kernel ignores every other flag of a bind mount but on a second call.
    if ((flags & mountFlag.bind) !== 0 && bindFlags !== 0) {
      mount({ source: '', target, type: '', flags: flags | mountFlag.remount, data });
    }
    if (idMap !== undefined) {
      const recursive = (flags & mountFlag.recursive) !== 0;
      await mountIdMapped({ map: idMap, source: target, target, recursive });
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
 * The lower directories of an overlay with many layers do not fit into the data. They are given relative to the directory
 * that they have in common; nothing else runs between the two changes of directory.
 */
const withShortLowers = (data: string, mounting: (data: string) => void): void => {
  const lowers = lowersOf(data);
  if (lowers === undefined) throw new Error(`the mount data is longer than ${longestData} bytes`);
  const before = process.cwd();
  process.chdir(lowers.parent);
  try {
    mounting(withLowers(data, lowers.names));
  } finally {
    process.chdir(before);
  }
};
