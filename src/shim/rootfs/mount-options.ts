/**
 * The words of a mount's options, as fstab has them, taken apart: flags of the system call, and what is left for the
 * file system itself.
 */
import { invalid } from '../../hcs/failures/errors.js';
import type { IdMap } from '../../hcs/native/mount/idmapped.js';
import { mountFlag } from '../../hcs/native/mount/mount.js';

export interface MountOptions {
  readonly flags: number;
  /** How mounts within spread to other places; a call of its own. */
  readonly propagation: number;
  readonly data: string;
  /** The source is a file that needs a loop device first. */
  readonly loop: boolean;
  /** How owners of files are mapped: `uidmap=` and `gidmap=`, which containerd leaves to the runtime since 2.0. */
  readonly idMap: IdMap | undefined;
}

const set: Readonly<Record<string, number>> = {
  bind: mountFlag.bind,
  dirsync: mountFlag.dirSync,
  mand: mountFlag.mandatoryLocks,
  noatime: mountFlag.noAccessTime,
  nodev: mountFlag.noDev,
  nodiratime: mountFlag.noDirAccessTime,
  noexec: mountFlag.noExec,
  nosuid: mountFlag.noSuid,
  rbind: mountFlag.bind | mountFlag.recursive,
  relatime: mountFlag.relativeAccessTime,
  remount: mountFlag.remount,
  ro: mountFlag.readOnly,
  strictatime: mountFlag.strictAccessTime,
  sync: mountFlag.synchronous,
};

const clear: Readonly<Record<string, number>> = {
  async: mountFlag.synchronous,
  atime: mountFlag.noAccessTime,
  defaults: 0,
  dev: mountFlag.noDev,
  diratime: mountFlag.noDirAccessTime,
  exec: mountFlag.noExec,
  nomand: mountFlag.mandatoryLocks,
  norelatime: mountFlag.relativeAccessTime,
  nostrictatime: mountFlag.strictAccessTime,
  rw: mountFlag.readOnly,
  suid: mountFlag.noSuid,
};

const spread: Readonly<Record<string, number>> = {
  private: mountFlag.private,
  rprivate: mountFlag.private | mountFlag.recursive,
  rshared: mountFlag.shared | mountFlag.recursive,
  rslave: mountFlag.slave | mountFlag.recursive,
  runbindable: mountFlag.unbindable | mountFlag.recursive,
  shared: mountFlag.shared,
  slave: mountFlag.slave,
  unbindable: mountFlag.unbindable,
};

/**
 * Of two words that contradict each other the later one holds.
 *
 * @throws RxshimError `invalidArgument` for a map that is none, or of which only one half is there.
 */
export const mountOptions = (words: readonly string[]): MountOptions => {
  let flags = 0;
  let propagation = 0;
  let loop = false;
  const data: string[] = [];
  const maps = new Map<string, string>();
  for (const word of words) {
    if (Object.hasOwn(set, word)) flags |= set[word] as number;
    else if (Object.hasOwn(clear, word)) flags &= ~(clear[word] as number);
    else if (Object.hasOwn(spread, word)) propagation |= spread[word] as number;
    else if (word === 'loop') loop = true;
    else if (/^[ug]idmap=/.test(word)) maps.set(word.slice(0, 6), word.slice(7));
    // A note from one part of containerd to another.
    else if (!word.startsWith('X-containerd.')) data.push(word);
  }
  return { flags, propagation, data: data.join(','), loop, idMap: idMapOf(maps) };
};

const ranges = /^\d+:\d+:\d+(,\d+:\d+:\d+)*$/;

const idMapOf = (maps: ReadonlyMap<string, string>): IdMap | undefined => {
  if (maps.size === 0) return undefined;
  const [uids, gids] = ['uidmap', 'gidmap'].map((name) => {
    const text = maps.get(name);
    if (text === undefined || !ranges.test(text)) throw invalid(name, text, 'ranges CONTAINER:HOST:SIZE');
    return text;
  });
  return { uids: uids as string, gids: gids as string };
};
