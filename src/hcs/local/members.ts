/**
 * Finds the processes of this host that belong to a system, and the tree of each process that it has started.
 *
 * Children are found by the kernel's lists. A process whose parent has exited becomes a child of this program, which is
 * a subreaper while there are members; its mark, or the session that a member has led, tells where it belongs. The cost
 * depends on the members and on the children of this program, not on what else the host runs.
 */
import { isOfMainThread, markOf, nextMark } from '../native/process/descendants/mark.js';
import type { Members } from '../native/process/descendants/members.js';
import { childrenOf, childrenOfThread, type ProcessEntry, processEntry } from '../native/process/proc.js';
import { discard } from '../native/process/reap.js';
import { isGuardian } from './guardian.js';

export interface SystemMembers extends Members {
  /** Allocates a mark for a process that is to be started. */
  nextMark(): number;
  /** Adds a process that was just started, with its mark. `forgotten` is called when nothing of it is left. */
  add(pid: number, mark: number, forgotten?: () => void): Member;
}

/** A process that this program has started, with its descendants. */
export interface Member extends Members {
  /** Call it when it was reaped. Its descendants may live on. */
  reaped(): void;
}

interface Root {
  readonly pid: number;
  readonly mark: number;
  readonly forgotten: (() => void) | undefined;
  living: boolean;
}

/** The trees of all systems, each until nothing of it is left. */
const byMark = new Map<number, Root>();
const byPid = new Map<number, Root>();

export const members = (): SystemMembers => {
  const own = new Set<Root>();

  const forget = (root: Root): void => {
    own.delete(root);
    byMark.delete(root.mark);
    if (byPid.get(root.pid) === root) byPid.delete(root.pid);
    root.forgotten?.();
  };
  const listed = (of: ReadonlySet<Root>): readonly ProcessEntry[] => {
    const found = descendants(of);
    // Their future children would be found by way of them.
    if (found.length === 0) for (const root of of) if (!root.living) forget(root);
    return found;
  };
  const add = (pid: number, mark: number, forgotten?: () => void): Member => {
    const root: Root = { pid, mark, forgotten, living: true };
    own.add(root);
    byPid.set(pid, root);
    byMark.set(mark, root);
    const mine = new Set([root]);
    const list = (): readonly ProcessEntry[] => (own.has(root) ? listed(mine) : []);
    return {
      list,
      get living() {
        return livingOf(mine);
      },
      reaped: () => {
        root.living = false;
        try {
          list();
        } catch {
          // Keep it, and examine it again with the others.
        }
      },
    };
  };
  return {
    nextMark: () => nextMark(byMark),
    add,
    list: () => listed(own),
    get living() {
      return livingOf(own);
    },
  };
};

const livingOf = (of: ReadonlySet<Root>): readonly number[] =>
  [...of].filter(({ living }) => living).map(({ pid }) => pid);

// More rounds than processes that exit one after another during the scan.
const maxRounds = 20;

const descendants = (of: ReadonlySet<Root>): readonly ProcessEntry[] => {
  if (of.size === 0) return [];
  let before: ReadonlySet<number> = new Set();
  for (let round = 1; ; round += 1) {
    const { found, ended } = look(of);
    // A process that exits during the scan hands its children to this program, possibly after that part was scanned.
    if (round === maxRounds || [...ended].every((pid) => before.has(pid))) return found;
    before = ended;
  }
};

interface Look {
  readonly found: ProcessEntry[];
  readonly ended: Set<number>;
}

const look = (of: ReadonlySet<Root>): Look => {
  const ended = new Set<number>();
  const found: ProcessEntry[] = [];
  // Iterating an array includes entries added during the iteration.
  const walked = [...orphansOf(of, ended), ...livingOf(of)];
  const seen = new Set(walked);
  for (const pid of walked) {
    const children = childrenOf(pid);
    // In this order, because a process that has exited has no children any more.
    const entry = processEntry(pid);
    if (entry === undefined || entry.ended) {
      ended.add(pid);
      continue;
    }
    found.push(entry);
    for (const child of children) {
      if (!seen.has(child)) walked.push(child);
      seen.add(child);
    }
  }
  return { found, ended };
};

/** The children of this program that it did not start, and that descend from a process that it did start. */
const orphansOf = (of: ReadonlySet<Root>, ended: Set<number>): readonly number[] =>
  childrenOfThread(process.pid, process.pid).filter((pid) => {
    if (byPid.get(pid)?.living || isGuardian(pid)) return false;
    const entry = processEntry(pid);
    if (entry === undefined) ended.add(pid);
    const owner = entry && ownerOf(entry);
    if (entry?.ended) {
      ended.add(pid);
      if (owner !== undefined || isAbandoned(pid)) discard(pid);
      return false;
    }
    return owner !== undefined && of.has(owner);
  });

const ownerOf = ({ pid, session }: ProcessEntry): Root | undefined => {
  // A process started here leads a session, unless it shares that of this program. So no descendant of such a leader is
  // in this program's session.
  ownSession ??= processEntry(process.pid)?.session;
  if (session === ownSession && !sharesSession) return undefined;
  const mark = markOf(pid);
  if (mark !== undefined) return byMark.get(mark);
  // For a system without marks, or a process started before its parent was marked. The id of a session that has ended
  // may be reused.
  const leader = byPid.get(session);
  return leader?.living || processEntry(session) === undefined ? leader : undefined;
};

let ownSession: number | undefined;
let sharesSession = false;

/** Call it before a process is started in the session of this program. */
export const shareSession = (): void => {
  sharesSession = true;
};

/** Whether it descends from a process of a worker thread and is no longer awaited. */
const isAbandoned = (pid: number): boolean => {
  const mark = markOf(pid);
  return mark !== undefined && !isOfMainThread(mark);
};
