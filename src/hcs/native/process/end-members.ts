/**
 * Kills processes that may be starting others, until none is left.
 *
 * All are stopped before any is killed: a process that is stopped starts no other, and one that is dead is no longer
 * known as the parent of those it started. Looked for again as long as there are new ones, they run out.
 */
import { RxshimError } from '../../failures/errors.js';
import type { Members } from './members.js';
import type { ProcessEntry } from './proc.js';

/** How long the kernel may take to end what was killed, in milliseconds: longer only if a device hangs. */
const patience = 10_000;

/**
 * Calls back when none is left, or, with an error, when some would not end; possibly before this returns. Those that
 * this user may not signal (of a set-user-ID program) are named in the error and not waited for.
 */
export const endMembers = (members: Members, done: (error?: unknown) => void): void => {
  let waited = 0;
  const round = (wait: number): void => {
    const { error, isFinal } = killAll(members);
    if (isFinal || waited >= patience) {
      done(error);
      return;
    }
    waited += wait;
    setTimeout(round, wait, Math.min(wait * 2, 100));
  };
  round(1);
};

/** What is in the way of none being left, and whether another try would change it. */
const killAll = (members: Members): { readonly error?: RxshimError; readonly isFinal: boolean } => {
  try {
    const found = stopAll(members);
    if (found.length === 0) return { isFinal: true };
    const killed = found.filter(({ pid }) => sent(pid, 'SIGKILL'));
    return { error: wouldNotEnd(found), isFinal: killed.length === 0 };
  } catch (error) {
    // No descriptor is left to look with. Ending those that are known makes room: each holds some of this process.
    for (const pid of members.living) sent(pid, 'SIGKILL');
    return { error: error as RxshimError, isFinal: false };
  }
};

// More rounds than a chain of forks gets ahead of; beyond, the killing goes on in the next round.
const mostStops = 50;

const stopAll = (members: Members): readonly ProcessEntry[] => {
  const stopped = new Set<number>();
  let found = members.list();
  for (let round = 0; round < mostStops && found.some(({ pid }) => !stopped.has(pid)); round++) {
    for (const { pid } of found) {
      if (!stopped.has(pid)) sent(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    found = members.list();
  }
  return found;
};

/** Whether the process may be signalled. One that is gone already shows in the next list. */
const sent = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
};

const wouldNotEnd = (survivors: readonly ProcessEntry[]): RxshimError =>
  new RxshimError('unknown', `processes that would not end: ${survivors.map(({ pid }) => pid).join(', ')}`);
