/**
 * The records of one container in a directory.
 *
 * The invariant: the directory appears whole and disappears whole, by a rename, even if the program is killed at any moment.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RxshimError } from '../../failures/errors.js';

/** How the names of directories begin that are being created or removed. The pid of the program follows. */
export const [unfinished, removed] = ['.new', '.removed'];

const uniqueName = (kind: string): string => `${kind}-${process.pid}-${randomBytes(6).toString('hex')}`;

/** The name of a new exec's directory. By name they are in the order of their creation. */
export const newExecName = (): string => `${Date.now()}-${randomBytes(6).toString('hex')}`;

/**
 * Creates the directory `name` in `place`, with a directory `execs` and what `fill` writes.
 *
 * @throws RxshimError `alreadyExists` if there is one. What `fill` throws is passed on.
 */
export const createRecordDirectory = (
  place: string,
  name: string,
  containerId: string,
  fill: (directory: string) => void,
): void => {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const part = join(place, uniqueName(unfinished));
  mkdirSync(part, { mode: 0o700 });
  try {
    mkdirSync(join(part, 'execs'), { mode: 0o700 });
    fill(part);
    renameSync(part, join(place, name));
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST')
      throw new RxshimError('alreadyExists', `records of container ${containerId} in ${place}`, {
        cause: error,
      });
    throw error;
  }
};

/** Removes the directory `name` in `place`, if there is one. */
export const removeRecordDirectory = (place: string, name: string): void => {
  const gone = join(place, uniqueName(removed));
  try {
    renameSync(join(place, name), gone);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rmSync(gone, { recursive: true, force: true });
};

/** The names in a directory; none if there is no such directory. */
export const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
};

export const isText = (value: unknown): value is string => typeof value === 'string';
