/** Whether a process of this machine has ended, one that its parent has not reaped included. */
import { readFileSync } from 'node:fs';

export const hasEnded = (pid: number): boolean => {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
};
