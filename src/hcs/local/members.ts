/**
 * Which processes of this host belong to a system: those it started, those of their sessions, those that carry its
 * mark, and the descendants of all these.
 *
 * Numbers are used again, so the session of a process that ended counts only until another process bears its number.
 */
import { randomUUID } from 'node:crypto';
import { environmentHas, type ProcessEntry, processEntry, processTable } from './process-table.js';

/** The variable that every process of a system is started with, and its descendants inherit. */
export const markName = 'RXSHIM_CONTAINER';

export interface Members {
  /** The environment with the mark in it. Inside of another system it carries that one's as well. */
  marked(env: readonly string[]): readonly string[];
  /** Takes a process in, which must not have been reaped yet. */
  add(pid: number): void;
  /** It was reaped. Others of its session may live on. */
  remove(pid: number): void;
  /** Those taken in and not reaped. */
  living(): Iterable<number>;
  /**
   * All that live now.
   *
   * @throws RxshimError `unavailable` when they cannot be listed.
   */
  list(): readonly ProcessEntry[];
}

export const members = (): Members => {
  const mark = randomUUID();
  const living = new Set<number>();
  const leaderless = new Set<number>();
  let since: number | undefined;

  const isFirst = (entry: ProcessEntry): boolean =>
    living.has(entry.pid) || living.has(entry.session) || leaderless.has(entry.session);

  // Nothing that was there before the system's first process can be its own: most of a host is told by that alone.
  const isMarked = ({ pid, startedAt }: ProcessEntry): boolean =>
    startedAt >= (since ?? 0) && environmentHas(pid, mark);

  return {
    marked: (env) => {
      const outer = process.env[markName];
      const others = env.filter((entry) => !entry.startsWith(`${markName}=`));
      return [...others, `${markName}=${outer ? `${outer}:` : ''}${mark}`];
    },
    add: (pid) => {
      living.add(pid);
      // The number was free, so no session of that number is left.
      leaderless.delete(pid);
      since ??= startOf(pid);
    },
    remove: (pid) => {
      living.delete(pid);
      if (groupLives(pid)) leaderless.add(pid);
    },
    living: () => living,
    list: () => {
      if (since === undefined) return [];
      const table = processTable();
      // A number that a process outside of the session bears, or that no session has any more, may mean another's next.
      const sessions = new Set([...table.values()].map(({ session }) => session));
      for (const session of leaderless) {
        if (table.has(session) || !sessions.has(session)) leaderless.delete(session);
      }
      table.delete(process.pid);
      const found = new Map<number, ProcessEntry>();
      const candidates = [...table.values()].filter(({ ended }) => !ended);
      const firsts = candidates.filter((entry) => isFirst(entry) || isMarked(entry));
      for (const entry of [...firsts, ...descendants(candidates, firsts)]) found.set(entry.pid, entry);
      return [...found.values()];
    },
  };
};

const descendants = (all: readonly ProcessEntry[], of: readonly ProcessEntry[]): ProcessEntry[] => {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of all) children.set(entry.parent, [...(children.get(entry.parent) ?? []), entry]);
  const found = new Set<ProcessEntry>();
  // A set is walked in order of insertion, and what is added on the way is walked as well.
  const walked = new Set(of);
  for (const { pid } of walked) {
    for (const child of children.get(pid) ?? []) {
      walked.add(child);
      found.add(child);
    }
  }
  return [...found];
};

const startOf = (pid: number): number => {
  try {
    return processEntry(pid)?.startedAt ?? 0;
  } catch {
    // Then nothing is ruled out by its age.
    return 0;
  }
};

/** Whether anyone is left in the group that a process led. Signal 0 asks and does nothing. */
const groupLives = (leader: number): boolean => {
  try {
    process.kill(-leader, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
