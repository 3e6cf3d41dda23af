/**
 * The resource statistics of a container. Numbers are `bigint`, because limits often exceed what a `number` holds
 * exactly.
 *
 * Fields and units are those of containerd's metrics of the same cgroup version, so an entry point can send them
 * unchanged. What the kernel does not count is absent (a group) or 0 (a counter in a group).
 */
import { existsSync } from 'node:fs';
import type { Cgroup } from './cgroup.js';
import { type CgroupV1Stats, statsV1 } from './stats-v1.js';
import { type CgroupV2Stats, statsV2 } from './stats-v2.js';

/** The statistics of a container, by the version of its cgroup. */
export type RuncStats =
  | { readonly version: 1; readonly metrics: CgroupV1Stats }
  | { readonly version: 2; readonly metrics: CgroupV2Stats };

/** `undefined` once the cgroups are removed. */
export const readStats = (cgroup: Cgroup): RuncStats | undefined => {
  const directories = cgroup.version === 1 ? [...cgroup.directories.values()] : [cgroup.directory];
  if (!directories.some((directory) => existsSync(directory))) return undefined;
  return cgroup.version === 1
    ? { version: 1, metrics: statsV1(cgroup.directories) }
    : { version: 2, metrics: statsV2(cgroup.directory) };
};
