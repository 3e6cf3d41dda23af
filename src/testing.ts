/**
 * For those who test what they build on rxshim: a compute system that does as it is told, below the real execs.
 */
export { type MemoryPipe, memoryPipe } from './hcs/simulated/memory-pipe.js';
export {
  type Answer,
  type ScriptedOptions,
  type ScriptedProcess,
  type ScriptedSystem,
  scriptedSystem,
} from './hcs/simulated/scripted-system.js';
