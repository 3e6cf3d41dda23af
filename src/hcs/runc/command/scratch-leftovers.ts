/**
 * The scratch directories that killed processes have left behind.
 *
 * The name of a directory says whose it is: a process of which pid namespace, and its number there. Only what belongs to a
 * process that cannot be alive is removed, and only what no other user could have put there: the places are everybody's.
 */
import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';

let namespace: string | undefined;

/** The beginning of a name; what is unique about it follows. */
export const scratchName = (): string => {
  namespace ??= pidNamespace();
  return `rxshim-runc-${namespace}-${process.pid}-`;
};

/** What cannot be removed stays: it is no reason to fail. */
export const removeLeftovers = (place: string): void => {
  const pattern = new RegExp(`^${scratchName().replace(/\d+-$/, '(\\d+)-')}`);
  for (const name of namesIn(place)) {
    const [, pid] = pattern.exec(name) ?? [];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const path = join(place, name);
    try {
      if (isOnlyOurs(path)) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process is doing the same.
    }
  }
};

/** Nobody else can change what is in such a directory, so it can be removed by its path. */
const isOnlyOurs = (path: string): boolean => {
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

/** Processes of another pid namespace may use the same place, and their numbers say nothing here. */
const pidNamespace = (): string => {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
};
