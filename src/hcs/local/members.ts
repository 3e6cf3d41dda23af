/**
 * Which processes of this host belong to a system, and to each process that it has started: that one with all that
 * descend from it.
 *
 * Children are found by the kernel's lists of them. A process whose parent has ended becomes a child of this program,
 * which is a subreaper as long as there are members; whose it was is known by its mark, or by the session that a member
 * has led. What this costs depends on the members and on the children of this program, not on what else the host runs.
 */
import { isOfMainThread, markOf, nextMark } from '../native/process/mark.js';
import type { Members } from '../native/process/members.js';
import { childrenOf, childrenOfThread, type ProcessEntry, processEntry } from '../native/process/proc.js';
import { discard } from '../native/process/reap.js';

export interface SystemMembers extends Members {
  /** A mark for a process that is to be started. */
  nextMark(): number;
  /** Takes in a process that was started just now, with its mark. `forgotten` is called when nothing of it is left. */
  add(pid: number, mark: number, forgotten?: () => void): Member;
}

/** A process that this program has started, with its descendants. */
export interface Member extends Members {
  /** It was reaped. What it has started may live on. */
  reaped(): void;
}

interface Root {
  readonly pid: number;
  readonly mark: number;
  readonly forgotten: (() => void) | undefined;
  living: boolean;
}

/** Those of all systems, each until nothing of it is left. */
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
    // Whatever they start from now on would be found by way of them.
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
          // Then it is remembered, and looked at again with the others.
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

// More rounds than processes end one after another while they are looked at.
const mostRounds = 20;

const descendants = (of: ReadonlySet<Root>): readonly ProcessEntry[] => {
  let before: ReadonlySet<number> = new Set();
  for (let round = 1; ; round += 1) {
    const { found, ended } = look(of);
    // A process that ends while others are looked at hands its children to this program, perhaps behind the look.
    if (round === mostRounds || [...ended].every((pid) => before.has(pid))) return found;
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
  // An array is walked to the end that it has by then.
  const walked = [...orphansOf(of, ended), ...livingOf(of)];
  const seen = new Set(walked);
  for (const pid of walked) {
    const children = childrenOf(pid);
    // Asked in this order, for what ends has no children any more.
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

/** Among the children of this program those that it did not start, and that descend from what it did. */
const orphansOf = (of: ReadonlySet<Root>, ended: Set<number>): readonly number[] =>
  childrenOfThread(process.pid, process.pid).filter((pid) => {
    if (byPid.get(pid)?.living) return false;
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
  // A process that is started here leads a session, unless it shares that of this program: so nothing that descends from
  // it is in that one.
  ownSession ??= processEntry(process.pid)?.session;
  if (session === ownSession && !sharesSession) return undefined;
  const mark = markOf(pid);
  if (mark !== undefined) return byMark.get(mark);
  // Of a system without marks, or started before its parent had one. The number of a session that is over may be another's.
  const leader = byPid.get(session);
  return leader?.living || processEntry(session) === undefined ? leader : undefined;
};

let ownSession: number | undefined;
let sharesSession = false;

/** To be called before a process is started that stays in the session of this program. */
export const shareSession = (): void => {
  sharesSession = true;
};

/** Whether a worker thread has started it, or what it descends from, and nobody waits for it any more. */
const isAbandoned = (pid: number): boolean => {
  const mark = markOf(pid);
  return mark !== undefined && !isOfMainThread(mark);
};
