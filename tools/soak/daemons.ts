/** What the daemons that serve the residents hold: private memory and descriptors, measured while they have nothing to do. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

export interface Held {
  /** Private memory in MiB: the least that was seen in a window, since a heap may hold garbage at any moment. */
  readonly memory: number;
  readonly descriptors: number;
}

/** Measures each daemon for so many milliseconds, or once at an early end. */
export const measure = async (
  pids: readonly number[],
  window: number,
  stopped: AbortSignal,
): Promise<Map<number, Held>> => {
  const held = new Map<number, Held>();
  for (const end = performance.now() + window; ; await after(500)) {
    for (const pid of pids) {
      const now = { memory: privateMemory(pid), descriptors: descriptorsOf(pid) };
      const least = held.get(pid) ?? now;
      held.set(pid, {
        memory: Math.min(now.memory, least.memory),
        descriptors: Math.min(now.descriptors, least.descriptors),
      });
    }
    if (stopped.aborted || performance.now() >= end) return held;
  }
};

/**
 * Whether that is growth. Memory of a JavaScript program settles above where it begins, as functions are compiled and
 * tables grow: below `small` that proves nothing. A connection to containerd more or less is none either.
 */
export const hasGrown = (first: Held, last: Held): boolean =>
  last.memory > Math.max(first.memory * 1.3, small) || last.descriptors > first.descriptors + 2;

/** MiB that any daemon may hold, however little it began with. */
const small = 32;

const privateMemory = (pid: number): number =>
  [...read(`/proc/${pid}/smaps_rollup`).matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)].reduce(
    (sum, [, kilobytes]) => sum + Number(kilobytes),
    0,
  ) / 1_024;

const descriptorsOf = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};
