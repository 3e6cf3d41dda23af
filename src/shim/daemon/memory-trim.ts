/**
 * Decides when the daemon gives memory back to the system.
 *
 * Node collects garbage when it needs room, not when it is idle: after many execs a daemon would keep the memory of their
 * garbage for as long as it lives. So the daemon trims memory when it is idle, and when busy only if much has accumulated.
 */
import { interval, type SchedulerLike, type Subscription } from 'rxjs';

export interface MemoryTrimOptions {
  readonly scheduler: SchedulerLike;
  /** Bytes of memory that this process holds. */
  readonly resident: () => number;
  /** Bytes in use on the heap, garbage included. */
  readonly heapUsed: () => number;
  /** Gives back what is not needed. It may block for some ten milliseconds. */
  readonly trim: () => void;
}

/** How often to look, in milliseconds: a daemon that becomes quiet is trimmed within two of these. */
const lookEvery = 15_000;

const mebibyte = 1024 * 1024;

/** A daemon that allocated less than this between two looks is quiet: a single exec allocates more. */
const quiet = mebibyte / 16;

/** How much must have come together since the last time, in a quiet moment and in a busy one. */
const [slack, busySlack] = [2 * mebibyte, 16 * mebibyte];

/** Until the subscription is closed. */
export const trimMemory = ({ scheduler, resident, heapUsed, trim }: MemoryTrimOptions): Subscription => {
  let trimmed = resident();
  let before = heapUsed();
  return interval(lookEvery, scheduler).subscribe(() => {
    const now = heapUsed();
    const isQuiet = Math.abs(now - before) < quiet;
    before = now;
    const grown = resident() - trimmed;
    if (grown < (isQuiet ? slack : busySlack)) return;
    trim();
    trimmed = resident();
    before = heapUsed();
  });
};
