/**
 * The pid file of an exec whose owner may die during the start. Otherwise the pid file is in the scratch directory, which
 * disappears with its owner.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childHost } from '../../native/process/child-host.js';

/** `undefined` where the processes end with their owner. */
export const keptPidFile = (bundle: string, execId: string): string | undefined =>
  childHost().kept === undefined ? undefined : join(bundle, `exec-${execId}.pid`);

/** The process of an exec that an earlier owner was starting. */
export interface LeftExec {
  readonly pid: number;
  /** As `childAfter` of the host answered. */
  readonly after: string;
}

/** The process of an exec that an earlier owner was starting, if the runtime has made it. Asked once. */
export const leftExec = (bundle: string, execId: string): LeftExec | undefined => {
  const path = keptPidFile(bundle, execId);
  if (path === undefined) return undefined;
  const pid = pidIn(path);
  rmSync(path, { force: true });
  const after = pid === undefined ? undefined : childHost().kept?.childAfter(pid);
  return pid === undefined || after === undefined ? undefined : { pid, after };
};

const pidIn = (path: string): number | undefined => {
  try {
    const text = readFileSync(path, 'latin1').slice(0, 100);
    return /^\s*[1-9]\d{0,9}\s*$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
};
