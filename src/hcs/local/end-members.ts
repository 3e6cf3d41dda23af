/**
 * Kills processes that may be starting others, until none is left.
 *
 * All are stopped before any is killed: a process that is stopped starts no other, and one that is dead is no longer
 * known as the parent of those it started. Looked for again as long as there are new ones, they run out.
 */
import { RxshimError } from '../errors.js';
import type { Members } from './members.js';
import type { ProcessEntry } from './process-table.js';

/** How long the kernel may take to end what was killed, in milliseconds: longer only if a device hangs. */
const patience = 10_000;

/** Calls back when none is left, or, with an error, when some would not end; possibly before this returns. */
export const endMembers = (members: Members, done: (error?: unknown) => void): void => {
  let waited = 0;
  const round = (wait: number): void => {
    const problem = killAll(members);
    if (problem === undefined || waited >= patience) {
      done(problem);
      return;
    }
    waited += wait;
    setTimeout(round, wait, Math.min(wait * 2, 100));
  };
  round(1);
};

/** What is in the way of none being left. */
const killAll = (members: Members): RxshimError | undefined => {
  try {
    const found = stopAll(members);
    for (const { pid } of found) send(pid, 'SIGKILL');
    return found.length === 0 ? undefined : wouldNotEnd(found);
  } catch (error) {
    // No descriptor is left to look with. Ending those that are known makes room: each holds some of this process.
    for (const pid of members.living()) send(pid, 'SIGKILL');
    return error as RxshimError;
  }
};

// More rounds than a chain of forks gets ahead of; beyond, the killing goes on in the next round.
const mostStops = 50;

const stopAll = (members: Members): readonly ProcessEntry[] => {
  const stopped = new Set<number>();
  let found = members.list();
  for (let round = 0; round < mostStops && found.some(({ pid }) => !stopped.has(pid)); round++) {
    for (const { pid } of found) {
      if (!stopped.has(pid)) send(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    found = members.list();
  }
  return found;
};

/** Those that are gone already, and those of another user, show in the next list, or do not. */
const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // See above.
  }
};

const wouldNotEnd = (survivors: readonly ProcessEntry[]): RxshimError =>
  new RxshimError('unknown', `processes that would not end: ${survivors.map(({ pid }) => pid).join(', ')}`);
