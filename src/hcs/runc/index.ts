/**
 * Containers of an OCI runtime (runc or crun), driven by its command line. Linux only; usually needs root.
 *
 *     runc()             a container from a bundle: create, start, exec, kill, delete
 *     removeContainer()  deletes one whose creator has died
 */

export type { RuncStats } from './cgroup/stats.js';
export type { CgroupV1Stats } from './cgroup/stats-v1.js';
export type { CgroupV2Stats } from './cgroup/stats-v2.js';
export type { CheckpointOptions } from './checkpoint.js';
export type { RuncOptions, RuntimeOptions } from './options.js';
export { removeContainer } from './remove-container.js';
export { runc } from './runc.js';
export type { RuncContainer } from './runc-container.js';
