/**
 * What is mounted below a directory, and a way to it that no symbolic link leads astray.
 *
 * Below the root filesystem of a container everything is the container's: a process in it may put a symbolic link in the
 * place of a directory at any moment. A path that was read a moment ago may then lead out of it. So each step of the way is
 * taken on an open directory, and a step that is a link is refused.
 */
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';

/** Opens a place without opening what is there. Linux alone has it. */
const O_PATH = 0o10000000;

const step = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** In the order of mounting. */
export const mountPointsBelow = (target: string): readonly string[] =>
  mountPoints().filter((place) => place.startsWith(`${target}/`));

/** The fifth field of each line; blanks and the like are written in octal. */
const mountPoints = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))));

/**
 * Calls back with a path that names `place` for the time of the call, and for which only its last part is still to be
 * looked up.
 *
 * @throws an error with `code` ELOOP or ENOTDIR when a part of the way from `target` is a symbolic link.
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
