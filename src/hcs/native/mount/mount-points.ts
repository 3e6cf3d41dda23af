/**
 * The mount points below a directory, and a path to each that no symbolic link can redirect.
 *
 * Everything below a container's root filesystem is under the control of the container: a process in it may replace a
 * directory by a symbolic link at any time. A path read a moment ago may then lead out of it. So each step of the path
 * is taken from an open directory, and a step that is a link is refused.
 */
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';

/** Opens a location without opening its contents. Linux only. */
const O_PATH = 0o10000000;

const step = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** In mount order. */
export const mountPointsBelow = (target: string): readonly string[] =>
  mountPoints().filter((place) => place.startsWith(`${target}/`));

/** The fifth field of each line. Blanks and special characters are in octal. */
const mountPoints = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))));

/**
 * Calls back with a path to `place` that is valid during the call, and in which only the last component is still looked
 * up.
 *
 * @throws an error with `code` ELOOP or ENOTDIR if a component of the path from `target` is a symbolic link.
 */
export const withoutLinks = async <T>(
  target: string,
  place: string,
  act: (path: string) => Promise<T>,
): Promise<T> => {
  const way = relative(target, dirname(place)).split('/').filter(Boolean);
  let at = openSync(target, step);
  try {
    for (const name of way) {
      const next = openSync(`/proc/self/fd/${at}/${name}`, step);
      closeSync(at);
      at = next;
    }
    return await act(`/proc/self/fd/${at}/${basename(place)}`);
  } finally {
    closeSync(at);
  }
};
