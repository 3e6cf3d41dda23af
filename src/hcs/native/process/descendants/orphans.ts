/**
 * Reaps the orphans that are reparented to this process and that are not awaited here.
 *
 * The difficulty is to leave other children alone. Node reaps its own children in the same tick in which it is notified
 * of their end, so a zombie that still exists after a second is not Node's. Processes started by this library are
 * awaited by pid. A process started by a runtime becomes known only when the runtime has ended and its pid file was
 * read. So while a launch is in flight that started before the zombie was first seen, the zombie may belong to it.
 *
 * Only children of the main thread are examined: orphans are reparented to it, and those of a worker belong to the
 * worker.
 */
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { discard, isAwaited } from '../reap.js';

/** How long a zombie is left alone, in milliseconds, for another owner to reap it. */
const grace = 1_000;

let watching = false;
let looking = false;
let latest = 0;
const inFlight = new Set<number>();
/** For each zombie, how many launches had started when it was first seen. */
let seen = new Map<number, number>();

/** Starts reaping, permanently. Does nothing if the kernel does not list children. */
export const watchOrphans = (): void => {
  if (watching || !isMainThread) return;
  watching = true;
  process.on('SIGCHLD', lookForOrphans);
};

/** Registers a launch that may leave a child here. Call the result once the child is awaited, or there is none. */
export const beginLaunch = (): (() => void) => {
  const launch = ++latest;
  inFlight.add(launch);
  return () => inFlight.delete(launch);
};

/**
 * Scans soon, and repeatedly while there are zombies. For a caller that knows of an exit; SIGCHLD triggers scans by
 * itself.
 */
export const lookForOrphans = (): void => {
  if (looking) return;
  looking = true;
  setTimeout(() => {
    looking = false;
    // Timers run before the poll phase in which Node reaps its children, immediates after it.
    setImmediate(look);
  }, grace).unref();
};

const look = (): void => {
  const still = new Map<number, number>();
  for (const pid of zombies()) {
    const since = seen.get(pid);
    if (since !== undefined && ![...inFlight].some((launch) => launch <= since)) discard(pid);
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
