/**
 * Kills processes that may be forking, until none is left.
 *
 * All are stopped before any is killed: a stopped process cannot fork, and once a process is dead its children can no
 * longer be found by their parent. The list is read again until it has no new entry.
 */
import { RxshimError } from '../../../failures/errors.js';
import type { ProcessEntry } from '../proc.js';
import type { Members } from './members.js';

/** How long killed processes may take to end, in milliseconds. Only a hanging device takes longer. */
const killTimeout = 10_000;

/**
 * Calls back when none is left, or with an error if some do not end; possibly before this returns. Processes that this
 * user may not signal (of a set-user-ID program) are named in the error and not awaited.
 */
export const endMembers = (members: Members, done: (error?: unknown) => void): void => {
  let waited = 0;
  const round = (wait: number): void => {
    const { error, isFinal } = killAll(members);
    if (isFinal || waited >= killTimeout) {
      done(error);
      return;
    }
    waited += wait;
    setTimeout(round, wait, Math.min(wait * 2, 100));
  };
  round(1);
};

/** The obstacle, and whether another attempt may overcome it. */
const killAll = (members: Members): { readonly error?: RxshimError; readonly isFinal: boolean } => {
  try {
    const found = stopAll(members);
    if (found.length === 0) return { isFinal: true };
    const killed = found.filter(({ pid }) => sent(pid, 'SIGKILL'));
    return { error: wouldNotEnd(found), isFinal: killed.length === 0 };
  } catch (error) {
    // The list cannot be read for want of a descriptor. Killing the known processes frees some.
    for (const pid of members.living) sent(pid, 'SIGKILL');
    return { error: error as RxshimError, isFinal: false };
  }
};

// Enough rounds to catch up with a chain of forks. After that the killing goes on in the next attempt.
const maxStopRounds = 50;

const stopAll = (members: Members): readonly ProcessEntry[] => {
  const stopped = new Set<number>();
  let found = members.list();
  for (let round = 0; round < maxStopRounds && found.some(({ pid }) => !stopped.has(pid)); round++) {
    for (const { pid } of found) {
      if (!stopped.has(pid)) sent(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    found = members.list();
  }
  return found;
};

/** Stops a process. Returns whether it may be signalled; one that has exited is missing from the next list. */
const sent = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
};

const wouldNotEnd = (survivors: readonly ProcessEntry[]): RxshimError =>
  new RxshimError('unknown', `processes did not end: ${survivors.map(({ pid }) => pid).join(', ')}`);
