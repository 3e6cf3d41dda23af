/**
 * The messages between containerd and a shim.
 *
 *     services      TaskDefinition, TaskV3Definition, EventsDefinition, with their messages
 *     events        TaskCreate … TaskCheckpointed, Envelope
 *     options       runc, runcLegacy, runtimeOptions
 *     statistics    cgroups1, cgroups2
 *     start-up      RuntimeInfo, BootstrapParams, BootstrapResult
 *     any type      pack(), unpack(), packJson(), unpackJson(), typeRegistry()
 *     times         toTimestamp(), fromTimestamp()
 *
 * Messages are plain objects beside a codec of the same name: `StateResponse.create({ pid: 7 })` fills in what is missing.
 */
export { Any } from './generated/any.js';
export { BootstrapParams, BootstrapResult, Extension, LogLevel } from './generated/bootstrap.js';
// The two have messages of the same names.
export * as cgroups1 from './generated/cgroups-v1.js';
export * as cgroups2 from './generated/cgroups-v2.js';
export { Empty } from './generated/empty.js';
export * from './generated/events.js';
export { Envelope, EventsDefinition, ForwardRequest } from './generated/forward.js';
export { GroupDefinition, JoinRequest } from './generated/group.js';
export { Mount } from './generated/mount.js';
export { ProcessInfo, Status } from './generated/process.js';
// So have these.
export * as runc from './generated/runc.js';
export * as runcLegacy from './generated/runc-legacy.js';
export { RuntimeInfo, RuntimeVersion } from './generated/runtime-info.js';
export * as runtimeOptions from './generated/runtime-options.js';
export * from './generated/task.js';
export { Timestamp } from './generated/timestamp.js';
export {
  type MessageType,
  ociType,
  type Packed,
  pack,
  packJson,
  typeName,
  typeRegistry,
  unpack,
  unpackJson,
} from './packed.js';
export { TaskV3Definition } from './task-v3.js';
export { fromTimestamp, timestampOf, toTimestamp, zeroTime } from './timestamps.js';
