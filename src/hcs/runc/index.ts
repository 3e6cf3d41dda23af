/**
 * Containers of an OCI runtime (runc or crun), driven by its command line. Linux only; usually needs root.
 *
 *     runc()             a container from a bundle: create, start, exec, kill, delete
 *     runcRegistry()     the containers that can be adopted, of all programs
 *     removeContainer()  deletes one whose creator has died
 */

export type { BlockEntry, BlockIo } from './cgroup/block-io.js';
export type { Pressure, Stalls } from './cgroup/pressure.js';
export type { Camel } from './cgroup/read.js';
export type { RuncStats } from './cgroup/stats.js';
export type {
  CgroupV1Stats,
  CpuThrottling,
  CpuTime,
  HugePages,
  MemoryCounters,
  MemoryEntries,
  MemoryEntry,
  MemoryLimitName,
  OwnMemoryName,
} from './cgroup/stats-v1.js';
export type {
  CgroupV2Stats,
  Counters,
  DeviceIo,
  HugePageUse,
  MemoryStats,
  Pressured,
  RdmaUse,
} from './cgroup/stats-v2.js';
export type { CheckpointOptions } from './checkpoint.js';
export { type LeftExec, leftExec } from './exec/kept-pid-file.js';
export type { RecordOptions, RuncOptions, RuntimeOptions } from './options.js';
export { outputFiles } from './records/output-files.js';
export { type RuncRegistryOptions, runcRegistry } from './registry.js';
export { removeContainer } from './remove-container.js';
export { runc } from './runc.js';
export type { RuncContainer } from './runc-container.js';
