/**
 * Finds the executable of a process, where the process itself would.
 *
 * It is looked for here, and not by the kernel call that starts it, so that "no such executable" (a shell's 127) and
 * "cannot be executed" (126) are told apart and are told in words that people know from runc and Docker. The answer
 * may be out of date by the time the process starts; `launchError` tells that case.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RxshimError } from '../failures/errors.js';

/** Where the C library looks when there is no PATH. */
const defaultPath = '/bin:/usr/bin';

/**
 * The absolute path of `name`: relative to `cwd` if it has a slash, else from the directories of `path`, of which an
 * empty one is `cwd`.
 *
 * @throws RxshimError `notFound` with exit status 127, or `failedPrecondition` with 126 for what is a directory or may
 * not be executed.
 */
export const resolveExecutable = (name: string, where: { cwd: string; path: string | undefined }): string => {
  if (name.includes('/')) {
    const file = resolve(where.cwd, name);
    const obstacle = obstacleTo(file);
    if (obstacle) throw refusal(name, obstacle);
    return file;
  }
  let denied: Obstacle | undefined;
  for (const directory of name === '' ? [] : (where.path ?? defaultPath).split(':')) {
    const file = resolve(where.cwd, directory, name);
    const obstacle = obstacleTo(file);
    if (!obstacle) return file;
    // What may not be executed does not hide a file further on, but explains best why there is none.
    if (obstacle.why === permissionDenied) denied ??= obstacle;
  }
  throw refusal(name, denied ?? { exitStatus: 127, why: 'executable file not found in $PATH' });
};

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
