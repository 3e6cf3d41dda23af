/**
 * Watches for the kernel killing processes of a container for want of memory.
 *
 * The kernel says that something happened, and the count says whether anybody was killed: it is looked at after each
 * announcement, and by whoever saw the init end, before the groups are removed and the count with them.
 */
import { closeSync, openSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libc } from '../../native/call/libc.js';
import { eventDescriptor } from '../../native/descriptor/event-descriptor.js';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import type { Cgroup } from './cgroup.js';
import { readCounts } from './read.js';

export interface OomWatch {
  /** Tells at once if the count has grown since the last look. */
  look(): void;
  close(): void;
}

// The old interface announces the shortage, which is before anybody is killed for it, in milliseconds.
const looksAfter = [1, 10, 50, 200, 1_000];

/** Calls back each time the count is found to have grown. */
export const watchOom = (cgroup: Cgroup, grown: () => void): OomWatch => {
  const directory = cgroup.version === 1 ? cgroup.directories.get('memory') : cgroup.directory;
  const file = cgroup.version === 1 ? 'memory.oom_control' : 'memory.events';
  const kills = (): bigint | undefined => readCounts(directory, file)?.get('oom_kill');
  const timers = new Set<NodeJS.Timeout>();
  let known = kills() ?? 0n;

  const look = (): void => {
    const now = kills();
    if (now === undefined || now <= known) return;
    known = now;
    grown();
  };

  const announced = (): void => {
    look();
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    for (const after of looksAfter) timers.add(setTimeout(look, after).unref());
  };

  const stop =
    directory === undefined ? undefined : listener(cgroup.version, join(directory, file), announced);
  return {
    look,
    close: () => {
      stop?.();
      for (const timer of timers) clearTimeout(timer);
    },
  };
};

/** How to be told of it. Without, only the looks are left. */
const listener = (version: 1 | 2, path: string, announced: () => void): (() => void) | undefined => {
  try {
    return version === 1 ? byEvents(path, announced) : byModification(path, announced);
  } catch {
    return undefined;
  }
};

const byModification = (path: string, announced: () => void): (() => void) => {
  const watcher = watch(path, { persistent: false }, announced);
  watcher.on('error', () => undefined);
  return () => watcher.close();
};

const byEvents = (path: string, announced: () => void): (() => void) => {
  const events = eventDescriptor();
  let closed = false;
  const close = (): void => {
    closed = true;
    forget(events);
    closeSync(events);
  };
  try {
    const counted = openSync(path, 'r');
    try {
      writeFileSync(join(path, '../cgroup.event_control'), `${events} ${counted}`);
    } finally {
      closeSync(counted);
    }
    const wait = (): void =>
      void whenReady(events, 'read', () => {
        libc().read(events, Buffer.alloc(8), 8);
        // Also announced: that the group was removed. Then there is no count to look at.
        announced();
        if (!closed) wait();
      });
    wait();
    return close;
  } catch (error) {
    close();
    throw error;
  }
};
