/**
 * The processes in a container's control group and in those below it, by their numbers on this host.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readProc } from '../../native/proc.js';
import type { Cgroup } from './cgroup.js';

/**
 * None where the group was removed.
 *
 * @throws RxshimError `unavailable` when they cannot be listed.
 */
export const processesIn = (cgroup: Cgroup): readonly number[] => {
  const directory = directoryOf(cgroup);
  return directory === undefined ? [] : [...new Set(listed(directory))];
};

/** Every controller has them all; a tree that is only named controls nothing, and its groups are anybody's. */
const directoryOf = (cgroup: Cgroup): string | undefined => {
  if (cgroup.version === 2) return cgroup.directory;
  for (const [name, directory] of cgroup.directories) if (!name.startsWith('name=')) return directory;
  return undefined;
};

const groupsBelow = (directory: string): readonly string[] => {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  } catch {
    return [];
  }
};

const listed = (directory: string): readonly number[] => {
  const pids = (readProc(join(directory, 'cgroup.procs')) ?? '').split('\n').map(Number);
  // 0 is a process of a namespace that cannot be seen from here.
  return [...pids.filter((pid) => pid > 0), ...groupsBelow(directory).flatMap(listed)];
};
