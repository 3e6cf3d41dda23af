/**
 * The process that starts the processes of a runtime and waits for them: this one, or one that outlives it.
 *
 * A process in a container is a child of the runtime until that exits, and then of the host, which has to be a subreaper.
 */

import { limitOf, startMarked } from './descendants/mark.js';
import { beginLaunch, watchOrphans } from './descendants/orphans.js';
import { becomeSubreaper } from './descendants/subreaper.js';
import type { ChildStdio, Launched } from './launched.js';
import { launched } from './launched.js';
import { type Executable, posixSpawn } from './posix-spawn.js';
import { isAwaited, isChild, reap } from './reap.js';

export interface ChildHost {
  /**
   * Starts a program and waits for it.
   * @param mark which the process and its descendants inherit.
   * @throws an error with the `code` of the failed call.
   */
  spawn(program: Executable, stdio: Exclude<ChildStdio, string>, mark?: number): Launched;
  /** Announces a launch that may leave a child here. Call the result once the child is taken, or there is none. */
  beginLaunch(): () => void;
  /** Waits for a child that a runtime has left; `undefined` if it is no child here, or is awaited already. */
  take(pid: number): Launched | undefined;
  /** Absent for a host that ends with this process. */
  readonly kept?: KeptThings;
}

/** The things that a host keeps for the next process. */
export interface KeptThings {
  /**
   * Follows a process that an earlier owner of the host had taken, over the very same exit if it has ended.
   * @param after as `startedAfter` answered to that owner.
   */
  follow(pid: number, after: string): Launched;
  /** The value for `after`, for a process that no owner has taken; `undefined` if it is no child of the host. */
  childAfter(pid: number): string | undefined;
  /** Distinguishes a process that was taken from others with its pid. */
  startedAfter(pid: number): string | undefined;
  /** Keeps a duplicate under this name, in place of an earlier one. */
  keep(name: string, descriptor: number): void;
  /** A duplicate of the kept descriptor. */
  take(name: string): number | undefined;
  release(name: string): void;
}

export const ownChildren: ChildHost = {
  spawn: (program, stdio, mark) => {
    becomeSubreaper();
    const spawn = () => posixSpawn(program, stdio);
    const pid = mark === undefined ? spawn() : startMarked(mark, spawn, (started) => started);
    return launched({ pid, watch: (end) => reap(pid, end) });
  },
  beginLaunch: () => {
    watchOrphans();
    return beginLaunch();
  },
  take: (pid) =>
    isAwaited(pid) || !isChild(pid) ? undefined : launched({ pid, watch: (end) => reap(pid, end) }),
};

let host: ChildHost = ownChildren;

export const childHost = (): ChildHost => host;

/** For the whole process, before anything is started. */
export const setChildHost = (other: ChildHost): void => {
  host = other;
};

/** The soft limit of file locks by which a mark is recognised, for a host that sets it by itself. */
export const locksOf = (mark: number): bigint | undefined => {
  const limit = limitOf(mark);
  return limit === undefined ? undefined : BigInt(limit);
};
