/**
 * For those who test what they build on rxshim: a compute system that does as it is told, below the real execs, and a
 * guest agent that serves the bridge protocol, opposite a real client.
 */
export { type Dial, dialOneSocket, dialSockets } from './guest/dialer.js';
export type { ContainerRequest, GuestEngine } from './guest/guest-engine.js';
export { localEngine } from './guest/local-engine.js';
export { type RunOptions as RunGuestOptions, runGuest } from './guest/run-guest.js';
export { runcEngine } from './guest/runc-engine.js';
export { type Served, type ServeOptions as ServeGuestOptions, serveGuest } from './guest/serve-guest.js';
export { type MemoryPipe, memoryPipe } from './hcs/simulated/memory-pipe.js';
export {
  type Answer,
  type ScriptedOptions,
  type ScriptedProcess,
  type ScriptedSystem,
  scriptedSystem,
} from './hcs/simulated/scripted-system.js';
