/**
 * The identity of the program that has created a container, as a label of it: by it another run of the program finds out
 * whether the one before has ended.
 *
 * The invariant: a program counts as gone only if that is certain. A program of another host or pid namespace, which cannot
 * be looked at, does not.
 */
import { hostname } from 'node:os';
import { readlinkProc, readProc } from './proc.js';

/** `undefined` where a process cannot be distinguished from a later one with the same pid. */
export const thisProgram = (): string | undefined => identityOf(process.pid);

/** @param program a label that `thisProgram` has made. */
export const isGone = (program: string): boolean => {
  const here = thisProgram();
  if (here === undefined || program === here) return false;
  const [host, boot, namespace, pid] = program.split(' ');
  const [thisHost, thisBoot, thisNamespace] = here.split(' ');
  if (pid === undefined || host !== thisHost) return false;
  // No process survives a boot of its host.
  if (boot !== thisBoot) return true;
  return namespace === thisNamespace && identityOf(Number(pid)) !== program;
};

/** Host, boot, pid namespace, pid and start time: no two processes have the same. */
const identityOf = (pid: number): string | undefined => {
  if (process.platform !== 'linux') return undefined;
  const boot = readProc('/proc/sys/kernel/random/boot_id')?.trim();
  const namespace = readlinkProc('/proc/self/ns/pid');
  const stat = readProc(`/proc/${pid}/stat`);
  if (boot === undefined || namespace === undefined || !stat) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended, though its parent has not looked yet.
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return [hostname().replaceAll(' ', '_'), boot, namespace, pid, fields[19]].join(' ');
};
