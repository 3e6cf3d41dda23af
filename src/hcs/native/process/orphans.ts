/**
 * Reaps the orphans that come to this process and that nobody here waits for.
 *
 * The hard part is not to take anybody else's child. Node reaps its own in the very turn of the event loop in which it
 * hears of an end, so a zombie that is still there a second later is not Node's. What this library started is waited
 * for by number. What a runtime starts for it becomes known only once the runtime has ended and its pid file was read:
 * as long as one is under way that was begun before the zombie was first seen, the zombie may be its.
 *
 * Only children of the main thread are looked at: orphans come to that one, and those of a worker are the worker's.
 */
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { discard, isAwaited } from './reap.js';

/** How long a zombie is left to whoever may still want it, in milliseconds. */
const grace = 1_000;

let watching = false;
let looking = false;
let latest = 0;
const underWay = new Set<number>();
/** When each zombie was first seen, as a count of the launches begun by then. */
let seen = new Map<number, number>();

/** From the first call on, and for good. Does nothing where the kernel does not list children. */
export const watchOrphans = (): void => {
  if (watching || !isMainThread) return;
  watching = true;
  process.on('SIGCHLD', lookForOrphans);
};

/** Something was begun that may leave a child here. To be ended, once, when the child is waited for or there is none. */
export const beginLaunch = (): (() => void) => {
  const launch = ++latest;
  underWay.add(launch);
  return () => underWay.delete(launch);
};

/** Soon, and again as long as there are any. For who knows of an end; the kernel's announcements come by themselves. */
export const lookForOrphans = (): void => {
  if (looking) return;
  looking = true;
  setTimeout(() => {
    looking = false;
    // Timers come before the poll in which Node hears of its children, immediates after.
    setImmediate(look);
  }, grace).unref();
};

const look = (): void => {
  const still = new Map<number, number>();
  for (const pid of zombies()) {
    const since = seen.get(pid);
    if (since !== undefined && ![...underWay].some((launch) => launch <= since)) discard(pid);
    else still.set(pid, since ?? latest);
  }
  seen = still;
  if (seen.size > 0) lookForOrphans();
};

const zombies = (): number[] => childrenHere().filter((pid) => !isAwaited(pid) && isZombie(pid));

const childrenHere = (): number[] => {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

const isZombie = (pid: number): boolean => {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};
