/**
 * Refuses a socket in a directory in which other users can create, replace or rename files: they could act as the client
 * and run anything as the user of the agent.
 */
import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RxshimError } from '../../hcs/failures/errors.js';

const writableByOthers = 0o022;
const sticky = 0o1000;

/**
 * @throws RxshimError `permissionDenied` if another user could place a socket at `path`. A directory that does not exist
 * yet is no refusal: nothing can be dialled there.
 */
export const requirePrivateDirectory = (path: string): void => {
  let directory: string;
  try {
    directory = realpathSync(dirname(path));
  } catch {
    return;
  }
  refuse(path, directory, 0);
  // In a sticky directory others cannot rename what is not theirs.
  for (let above = dirname(directory); ; above = dirname(above)) {
    refuse(path, above, sticky);
    if (above === '/') return;
  }
};

/** For how long the folders above are not examined again, in milliseconds. */
const examinedFor = 1_000;

/**
 * The same for many connections in one directory, at less cost: its own mode and owner are compared each time, and
 * everything is examined again after a second.
 */
export const privateDirectoryCheck = (): ((path: string) => void) => {
  let known: { readonly stat: Stats; readonly place: string; readonly until: number } | undefined;
  return (path) => {
    const place = dirname(path);
    const stat = statSync(place, { throwIfNoEntry: false });
    if (
      stat !== undefined &&
      known?.place === place &&
      isSame(stat, known.stat) &&
      performance.now() < known.until
    )
      return;
    known = undefined;
    requirePrivateDirectory(path);
    if (stat !== undefined) known = { stat, place, until: performance.now() + examinedFor };
  };
};

const isSame = (one: Stats, other: Stats): boolean =>
  one.ino === other.ino && one.dev === other.dev && one.mode === other.mode && one.uid === other.uid;

const refuse = (path: string, directory: string, allowedWith: number): void => {
  const { mode, uid } = statSync(directory);
  const isShared = (mode & writableByOthers) !== 0 && (mode & allowedWith) === 0;
  const isForeign = uid !== 0 && uid !== process.getuid?.();
  if (!isShared && !isForeign) return;
  const why = isShared ? 'other users can write to it' : `it belongs to uid ${uid}`;
  throw new RxshimError('permissionDenied', `refuse the sockets ${path}: directory ${directory}: ${why}`);
};
