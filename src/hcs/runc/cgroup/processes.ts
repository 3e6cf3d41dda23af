/**
 * Lists the processes in a container's cgroup and the cgroups below it, by their pids on this host.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessEntry, processEntry, readProc } from '../../native/process/proc.js';
import type { Cgroup } from './cgroup.js';

/**
 * The running processes that `isChosen` accepts. Empty if the cgroup was removed.
 *
 * @throws RxshimError `unavailable` if they cannot be listed.
 */
export const runningIn = (
  cgroup: Cgroup | undefined,
  isChosen: (pid: number) => boolean,
): readonly ProcessEntry[] => {
  const found: ProcessEntry[] = [];
  eachProcess(cgroup, (pid) => {
    const entry = isChosen(pid) ? processEntry(pid) : undefined;
    if (entry?.ended === false) found.push(entry);
  });
  return found;
};

// Enough rounds to catch up with a chain of forks.
const maxRounds = 100;

/**
 * Visits each process once. A process that ends meanwhile may have forked, so the list is read again until it has no
 * new entry.
 */
export const eachProcess = (cgroup: Cgroup | undefined, use: (pid: number) => void): void => {
  const directory = cgroup && directoryOf(cgroup);
  if (directory === undefined) return;
  const seen = new Set<number>();
  for (let round = 0; round < maxRounds; round += 1) {
    const fresh = listed(directory).filter((pid) => !seen.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      seen.add(pid);
      use(pid);
    }
  }
};

/** Each controller's hierarchy lists all of them. A named hierarchy (`name=…`) may be shared. */
const directoryOf = (cgroup: Cgroup): string | undefined => {
  if (cgroup.version === 2) return cgroup.directory;
  for (const [name, directory] of cgroup.directories) if (!name.startsWith('name=')) return directory;
  return undefined;
};

const listed = (directory: string): readonly number[] => {
  const pids = (readProc(join(directory, 'cgroup.procs')) ?? '').split('\n').map(Number);
  // 0 is a process outside of this pid namespace.
  return [...pids.filter((pid) => pid > 0), ...groupsBelow(directory).flatMap(listed)];
};

const groupsBelow = (directory: string): readonly string[] => {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  } catch {
    return [];
  }
};
