/**
 * Finds the executable of a process as execvp would.
 *
 * It is searched here rather than by the kernel call that starts it, to distinguish "not found" (exit status 127 of a
 * shell) from "cannot be executed" (126), in the wording of runc and Docker. The file may change before the process
 * starts; `launchError` covers that case.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RxshimError } from '../../failures/errors.js';
import { libc } from '../../native/call/libc.js';

/** The C library's default if PATH is not set. */
const defaultPath = '/bin:/usr/bin';

/**
 * The absolute path of `name`: relative to `cwd` if it has a slash, otherwise searched in the directories of `path`, of
 * which an empty one means `cwd`.
 *
 * @throws RxshimError `notFound` with exit status 127, or `failedPrecondition` with 126 for a directory or a file
 * without execute permission.
 */
export const resolveExecutable = (name: string, where: { cwd: string; path: string | undefined }): string => {
  if (name.includes('/')) {
    const file = resolve(where.cwd, name);
    const obstacle = obstacleTo(file);
    if (obstacle) throw refusal(name, obstacle);
    return file;
  }
  const directories = name === '' ? [] : (where.path ?? defaultPath).split(':');
  const candidates = directories.map((directory) =>
    directory.startsWith('/') ? `${directory}/${name}` : resolve(where.cwd, directory, name),
  );
  // A file without execute permission does not hide a later one, but it is the best explanation if there is none.
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const denied = candidates.map(obstacleTo).find((obstacle) => obstacle?.why === permissionDenied);
  throw refusal(name, denied ?? { exitStatus: 127, why: 'executable file not found in $PATH' });
};

/** Most directories do not have the file. To Node this would be an exception, which costs more than the whole search. */
const isExecutable = (file: string): boolean =>
  libc().access(file, constants.X_OK) === 0 &&
  statSync(file, { throwIfNoEntry: false })?.isDirectory() === false;

interface Obstacle {
  readonly exitStatus: 126 | 127;
  readonly why: string;
  readonly cause?: unknown;
}

const permissionDenied = 'permission denied';

const obstacleTo = (file: string): Obstacle | undefined => {
  try {
    if (statSync(file).isDirectory()) return { exitStatus: 126, why: 'is a directory' };
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES') return { exitStatus: 126, why: permissionDenied, cause };
    return { exitStatus: 127, why: code === 'ENOENT' ? 'no such file or directory' : String(code), cause };
  }
};

const refusal = (name: string, { exitStatus, why, ...cause }: Obstacle): RxshimError =>
  new RxshimError(
    exitStatus === 127 ? 'notFound' : 'failedPrecondition',
    `exec: ${JSON.stringify(name)}: ${why}`,
    {
      exitStatus,
      ...cause,
    },
  );
