/**
 * Removes the scratch directories of processes that were killed.
 *
 * The name of a directory holds the pid and pid namespace of its owner. A directory is removed only if its owner cannot
 * be alive and only this user can have written to it: the parents are world-writable.
 */
import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';

let namespace: string | undefined;

/** The prefix of a name. mkdtemp adds the unique part. */
export const scratchName = (): string => {
  namespace ??= pidNamespace();
  return `rxshim-runc-${namespace}-${process.pid}-`;
};

/** Errors are ignored: a leftover is no reason to fail. */
export const removeLeftovers = (place: string): void => {
  const pattern = new RegExp(`^${scratchName().replace(/\d+-$/, '(\\d+)-')}`);
  for (const name of namesIn(place)) {
    const [, pid] = pattern.exec(name) ?? [];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const path = join(place, name);
    try {
      if (isPrivate(path)) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process is doing the same.
    }
  }
};

/** Only this user can change the contents, so the directory can safely be removed by its path. */
const isPrivate = (path: string): boolean => {
  const stat = lstatSync(path);
  return stat.isDirectory() && stat.uid === process.geteuid?.() && (stat.mode & 0o077) === 0;
};

const namesIn = (place: string): readonly string[] => {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
};

/** Processes of another pid namespace may use the same parent directory, and their pids mean nothing here. */
const pidNamespace = (): string => {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
};
