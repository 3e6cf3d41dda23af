/**
 * Makes an inherited or given descriptor safe for the event loop, where nothing may block.
 *
 * O_NONBLOCK belongs to the open file, not to the descriptor: setting it affects a child or shell that shares the file.
 * So pipes and terminals are reopened, sockets use a flag per call, and only what has no alternative is switched. A
 * descriptor that is already non-blocking is used as it is.
 */
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { isatty } from 'node:tty';
import { libc, orThrow } from '../call/libc.js';

/** `file`: always ready, reads and writes belong in the thread pool. `socket`: needs MSG_DONTWAIT. */
export type DescriptorKind = 'file' | 'socket' | 'pipe' | 'master' | 'device';

export interface Adopted {
  /** The descriptor to use from now on; the given one is closed if it is another. */
  readonly fd: number;
  readonly kind: DescriptorKind;
  /**
   * For a pipe: an empty read does not mean its end yet. A named pipe opened without waiting for a writer says "end"
   * until the first one comes; only waiting tells the two apart.
   */
  readonly mayAwaitWriter: boolean;
  /** Closes `fd`. */
  close(): void;
}

const { O_NONBLOCK, O_APPEND, O_NOCTTY } = constants;
const O_ACCMODE = 0o3;
const [F_GETFL, F_SETFL] = [3, 4];

export const adopt = (fd: number): Adopted => {
  const kind = kindOf(fstatSync(fd));
  const as = (fd: number, mayAwaitWriter = false, close = () => closeSync(fd)): Adopted => {
    return { fd, kind, mayAwaitWriter, close };
  };
  if (kind === 'file' || kind === 'socket') return as(fd);
  const flags = orThrow('fcntl', libc().fcntl(fd, F_GETFL, 'int', 0));
  if ((flags & O_NONBLOCK) !== 0) return as(fd, kind === 'pipe');
  const reopened = kind === 'pipe' || (kind === 'device' && isatty(fd)) ? reopen(fd, flags) : undefined;
  if (reopened !== undefined) {
    closeSync(fd);
    return as(reopened);
  }
  orThrow('fcntl', libc().fcntl(fd, F_SETFL, 'int', flags | O_NONBLOCK));
  // A master is not shared with other processes, but may be used here through two descriptors, and closing the first
  // must not make the other blocking.
  if (kind === 'master') return as(fd);
  return as(fd, false, () => {
    libc().fcntl(fd, F_SETFL, 'int', flags);
    closeSync(fd);
  });
};

/**
 * The same for an end of a pipe that was opened here and that no other process holds: only the flag is set. For a
 * process that gets this end later, `handOver` opens the pipe again.
 */
export const adoptOwnPipe = (fd: number): Adopted => {
  orThrow('fcntl', libc().fcntl(fd, F_SETFL, 'int', O_NONBLOCK));
  return { fd, kind: 'pipe', mayAwaitWriter: false, close: () => closeSync(fd) };
};

/** The same for a connected socket: calls for it have a flag of their own, so that nothing is set. */
export const adoptSocket = (fd: number): Adopted => ({
  fd,
  kind: 'socket',
  mayAwaitWriter: false,
  close: () => closeSync(fd),
});

const kindOf = (stat: Stats): DescriptorKind => {
  if (stat.isFIFO()) return 'pipe';
  if (stat.isSocket()) return 'socket';
  if (stat.isCharacterDevice()) return isMaster(stat) ? 'master' : 'device';
  return stat.isFile() || stat.isBlockDevice() || stat.isDirectory() ? 'file' : 'device';
};

/** /dev/ptmx, wherever it is mounted: to open it again would make another terminal. */
export const isMaster = ({ rdev }: Stats): boolean => rdev === 0x502;

const reopen = (fd: number, flags: number): number | undefined => {
  try {
    return openSync(`/proc/self/fd/${fd}`, (flags & (O_ACCMODE | O_APPEND)) | O_NONBLOCK | O_NOCTTY);
  } catch {
    // It belongs to another user, has hung up, or there is no /proc.
    return undefined;
  }
};
