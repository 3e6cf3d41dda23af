/** What this program and its host hold, as the kernel and Node tell it, and what of that has come to stay. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Left {
  /** The pids of processes with the mark among their arguments, whichever parent they have by now. */
  readonly processes: readonly number[];
  readonly children: readonly string[];
  readonly descriptors: readonly string[];
  readonly listeners: readonly string[];
  readonly timers: number;
}

export const held = (mark: string): Left => ({
  processes: readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(`\0${mark}\0`))
    .map(Number),
  children: readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  ),
  descriptors: readdirSync('/proc/self/fd')
    .map(target)
    .filter((name) => name !== '')
    .sort(),
  listeners: process.eventNames().flatMap((name) => Array(process.listenerCount(name)).fill(String(name))),
  timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
});

/** Waits for a while until nothing is left, or what is left does not change any more. */
export const leftSince = async (before: Left, mark: string): Promise<Left> => {
  for (let looks = 0; ; looks += 1) {
    const left = without(held(mark), before);
    if (looks === 100 || isNothing(left)) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const isNothing = ({ processes, children, descriptors, listeners, timers }: Left): boolean =>
  processes.length + children.length + descriptors.length + listeners.length + timers === 0;

const without = (now: Left, before: Left): Left => ({
  processes: now.processes,
  children: difference(now.children, before.children),
  descriptors: difference(now.descriptors, before.descriptors),
  listeners: difference(now.listeners, before.listeners),
  // That of the look itself counts among neither.
  timers: Math.max(0, now.timers - before.timers),
});

const difference = (now: readonly string[], before: readonly string[]): readonly string[] => {
  const known = [...before];
  return now.filter((name) => {
    const at = known.indexOf(name);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
};

const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
};

/** Without the number of the one pipe or socket. */
const target = (fd: string): string => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).replace(/:\[\d+\]$/, '');
  } catch {
    // The directory itself was one of them.
    return '';
  }
};
