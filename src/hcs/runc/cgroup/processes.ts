/**
 * The processes in a container's control group and in those below it, by their numbers on this host.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessEntry, processEntry, readProc } from '../../native/process/proc.js';
import type { Cgroup } from './cgroup.js';

/**
 * Those that run, and that are chosen. None where the group was removed.
 *
 * @throws RxshimError `unavailable` when they cannot be listed.
 */
export const runningIn = (
  cgroup: Cgroup | undefined,
  isChosen: (pid: number) => boolean,
): readonly ProcessEntry[] => {
  const found: ProcessEntry[] = [];
  visitProcesses(cgroup, (pid) => {
    const entry = isChosen(pid) ? processEntry(pid) : undefined;
    if (entry?.ended === false) found.push(entry);
  });
  return found;
};

// More rounds than a chain of forks gets ahead of.
const mostRounds = 100;

/** Visits each once. One that ends meanwhile may have started another, so it is listed again until there is no new one. */
export const visitProcesses = (cgroup: Cgroup | undefined, visit: (pid: number) => void): void => {
  const directory = cgroup && directoryOf(cgroup);
  if (directory === undefined) return;
  const visited = new Set<number>();
  for (let round = 0; round < mostRounds; round += 1) {
    const fresh = listed(directory).filter((pid) => !visited.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      visited.add(pid);
      visit(pid);
    }
  }
};

/** Every controller has them all; a tree that is only named controls nothing, and its groups are anybody's. */
const directoryOf = (cgroup: Cgroup): string | undefined => {
  if (cgroup.version === 2) return cgroup.directory;
  for (const [name, directory] of cgroup.directories) if (!name.startsWith('name=')) return directory;
  return undefined;
};

const listed = (directory: string): readonly number[] => {
  const pids = (readProc(join(directory, 'cgroup.procs')) ?? '').split('\n').map(Number);
  // 0 is a process of a namespace that cannot be seen from here.
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
