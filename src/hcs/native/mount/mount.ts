/**
 * mount(2) and umount(2), which Node does not offer.
 *
 * Mounting is synchronous and takes tens of microseconds. Unmounting may have to flush a file system, so it is done in
 * the background (`unmount-call.ts`).
 */
import { type Koffi, koffi, type NativeFunction } from '../call/koffi.js';
import { nativeError } from '../call/libc.js';
import { mountPointsBelow, withoutLinks } from './mount-points.js';
import { unmount } from './unmount-call.js';

/** The flags of <sys/mount.h>; the same on every architecture. */
export const mountFlag = {
  readOnly: 1,
  noSuid: 2,
  noDev: 4,
  noExec: 8,
  synchronous: 16,
  remount: 32,
  mandatoryLocks: 64,
  dirSync: 128,
  noAccessTime: 1024,
  noDirAccessTime: 2048,
  bind: 4096,
  recursive: 16384,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relativeAccessTime: 1 << 21,
  strictAccessTime: 1 << 24,
} as const;

export interface MountCall {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly flags: number;
  /** The file system's own options, at most a page. */
  readonly data: string;
}

interface Bound {
  readonly mount: NativeFunction;
  readonly errno: Koffi['errno'];
}

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;
const [ENOENT, EBUSY, EINVAL] = [2, 16, 22];

let bound: Bound | undefined;

const native = (): Bound => (bound ??= bind());

const bind = (): Bound => {
  const { load, errno } = koffi();
  const library = load(null);
  return {
    mount: library.func('mount', 'int', ['str', 'str', 'str', 'ulong', 'str']),
    errno,
  };
};

/** @throws an error with the `code` of the refusal. */
export const mount = ({ source, target, type, flags, data }: MountCall): void => {
  const { mount, errno } = native();
  if (mount(source, target, type, flags, data) !== 0) throw nativeError('mount', errno());
};

/** How often, and at what interval, a busy file system is retried before it is detached. */
const [attempts, pause] = [10, 20];

/**
 * Unmounts everything at `target`, one above the other, and below it. `target` must be a real path: a symbolic link is
 * not followed. If nothing is mounted there, or it does not exist, it succeeds. A file system that stays busy is
 * detached and disappears with its last user.
 */
export const unmountAll = async (target: string): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    const errno = await unmount(target, tries < attempts ? UMOUNT_NOFOLLOW : MNT_DETACH | UMOUNT_NOFOLLOW);
    if (errno === EINVAL || errno === ENOENT) return;
    if (errno === EBUSY && tries === 0) await unmountBelow(target);
    else if (errno === EBUSY) await new Promise((resolve) => setTimeout(resolve, pause));
    else if (errno !== 0) throw nativeError('umount2', errno);
  }
};

/** An unreachable one stays: it is detached together with the one above it. */
const unmountBelow = async (target: string): Promise<void> => {
  const detach = (path: string): Promise<number> => unmount(path, MNT_DETACH | UMOUNT_NOFOLLOW);
  for (const place of [...mountPointsBelow(target)].reverse()) {
    await withoutLinks(target, place, detach).catch(() => undefined);
  }
};
