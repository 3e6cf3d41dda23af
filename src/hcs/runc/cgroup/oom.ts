/**
 * Watches the OOM kills of a container.
 *
 * The kernel notifies that something happened; the counter shows whether a process was killed. The counter is read
 * after each notification, and once more when the init has ended, before the cgroup is removed.
 */
import { closeSync, openSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libc } from '../../native/call/libc.js';
import { eventDescriptor } from '../../native/descriptor/event-descriptor.js';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import type { Cgroup } from './cgroup.js';
import { readCounts } from './read.js';

export interface OomWatch {
  /** Reads the counter, and calls back if it has grown since the last time. */
  look(): void;
  close(): void;
}

// Version 1 notifies before a process is killed, so the counter is read again after these delays, in milliseconds.
const rereadDelays = [1, 10, 50, 200, 1_000];

/** Calls back each time the counter has grown. */
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

  const notified = (): void => {
    look();
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    for (const after of rereadDelays) timers.add(setTimeout(look, after).unref());
  };

  const stop =
    directory === undefined ? undefined : listener(cgroup.version, join(directory, file), notified);
  return {
    look,
    close: () => {
      stop?.();
      for (const timer of timers) clearTimeout(timer);
    },
  };
};

/** Subscribes to notifications. If that fails, only `look` finds new kills. */
const listener = (version: 1 | 2, path: string, notified: () => void): (() => void) | undefined => {
  try {
    return version === 1 ? byEvents(path, notified) : byModification(path, notified);
  } catch {
    return undefined;
  }
};

const byModification = (path: string, notified: () => void): (() => void) => {
  const watcher = watch(path, { persistent: false }, notified);
  watcher.on('error', () => undefined);
  return () => watcher.close();
};

const byEvents = (path: string, notified: () => void): (() => void) => {
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
        // Also notified: that the group was removed. Then there is no count to look at.
        notified();
        if (!closed) wait();
      });
    wait();
    return close;
  } catch (error) {
    close();
    throw error;
  }
};
