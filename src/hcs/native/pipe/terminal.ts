/**
 * Pseudo-terminals.
 *
 * The caller owns the master. The slave is passed by its path rather than as a descriptor, so the output ends when the
 * last process closes it.
 */
import { closeSync } from 'node:fs';
import type { ConsoleSize } from '../../contract/compute-process.js';
import { type Libc, libc, nativeError, orThrow } from '../call/libc.js';
import { openedOrThrow } from '../descriptor/of-this-thread.js';

const O_RDWR = 0o2;
const O_NOCTTY = 0o400;
const O_CLOEXEC = 0o2000000;
// PowerPC and MIPS number their ioctls in their own way.
const hasOwnIoctls = process.arch === 'ppc64' || process.arch.startsWith('mips');
const TIOCSWINSZ = hasOwnIoctls ? 0x80087467 : 0x5414;

const [TCGETS, TCSETS] = [0x5401, 0x5402];
const OPOST = 1;

export interface Terminal {
  readonly master: number;
  /** The path of the slave, such as /dev/pts/3. */
  readonly path: string;
}

/**
 * Opens a new terminal. The master is close-on-exec and is no controlling terminal.
 *
 * @example const { master, path } = openTerminal({ width: 80, height: 24 })
 */
export const openTerminal = (size: ConsoleSize): Terminal => {
  const c = libc();
  const master = openedOrThrow('posix_openpt', c.posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  try {
    orThrow('grantpt', c.grantpt(master));
    orThrow('unlockpt', c.unlockpt(master));
    const path = slaveOf(master);
    resizeTerminal(master, size);
    return { master, path };
  } catch (error) {
    closeSync(master);
    throw error;
  }
};

/** Tells the terminal its size; the processes in its foreground get SIGWINCH if it changed. */
export const resizeTerminal = (master: number, { width, height }: ConsoleSize): void => {
  orThrow('ioctl', libc().ioctl(master, TIOCSWINSZ, 'void *', Uint16Array.of(height, width, 0, 0)));
};

/**
 * Turns the processing of output off: the terminal shows each byte as it comes, a line feed without a carriage return too.
 * Without effect if `fd` is no terminal, and where native calls or these numbers are unavailable.
 */
export const passOutputThrough = (fd: number): void => {
  const c = libcIfAvailable();
  if (hasOwnIoctls || c === undefined) return;
  // struct termios of the kernel: the flags of input, output, control and local mode, then 20 bytes or more.
  const settings = new Int32Array(16);
  if (c.ioctl(fd, TCGETS, 'void *', settings) < 0) return;
  settings[1] = (settings[1] ?? 0) & ~OPOST;
  c.ioctl(fd, TCSETS, 'void *', settings);
};

/** A command that runs in Docker or a pod needs no native calls otherwise. */
const libcIfAvailable = (): Libc | undefined => {
  try {
    return libc();
  } catch {
    return undefined;
  }
};

const slaveOf = (master: number): string => {
  const name = Buffer.alloc(64);
  const errno = libc().ptsname_r(master, name, name.length);
  if (errno !== 0) throw nativeError('ptsname_r', errno);
  return name.toString('latin1', 0, name.indexOf(0));
};
