/**
 * The daemons running from an installation. Each may still load parts of the version that was installed when it
 * started.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunningDaemon {
  readonly pid: number;
  /** In milliseconds since 1970. */
  readonly startedAt: number;
}

/** The daemons started from the bundle in this folder. */
export const runningDaemons = (library: string): readonly RunningDaemon[] => {
  const boot = join(library, 'boot.cjs');
  const bootedAt = Number(/^btime (\d+)/m.exec(read('/proc/stat'))?.[1]) * 1_000;
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => isDaemonOf(boot, read(`/proc/${pid}/cmdline`).split('\0')))
    .map((pid) => ({ pid: Number(pid), startedAt: bootedAt + startOf(pid) }));
};

/** The command line that the launcher uses. */
const isDaemonOf = (boot: string, words: readonly string[]): boolean => {
  const at = words.indexOf(boot);
  return at > 0 && words[at + 1] === 'daemon';
};

/** In milliseconds since boot: the 22nd field of /proc/PID/stat, in hundredths of a second. */
const startOf = (pid: string): number => {
  const fields = read(`/proc/${pid}/stat`).split(') ').pop()?.split(' ') ?? [];
  // A process that has just exited counts as started before everything.
  return (Number(fields[19]) || 0) * 10;
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    // Not on Linux.
    return [];
  }
};
