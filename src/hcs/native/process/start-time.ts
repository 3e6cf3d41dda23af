/**
 * The start time of a process, which distinguishes it from others that have the same pid later.
 */
import { readFileSync } from 'node:fs';
import { readProc } from './proc.js';

const startTimeField = 22;

/** In clock ticks since the boot. `undefined` for a process that has ended; a zombie has one. */
export const startTimeOf = (pid: number): string | undefined => {
  const stat = readProc(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // The second field is a name that the process chooses, which may hold blanks and parentheses.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[startTimeField - 3];
};

/** Identifies the boot that start times are counted from. */
export const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
};
