/**
 * For those who test what they build on rxshim: no processes, no waiting, and the real tasks and execs above.
 *
 *     stage     inVirtualTime(): time that costs none, for Observables and promises alike
 *     system    simulated by marbles: what each process does, what goes wrong; or scripted by hand
 *     expect    lives as marbles, events, what was asked of the system
 */
export { type MemoryPipe, memoryPipe } from './hcs/simulated/memory-pipe.js';
export {
  type Answer,
  type ScriptedOptions,
  type ScriptedProcess,
  type ScriptedSystem,
  scriptedSystem,
} from './hcs/simulated/scripted-system.js';
export {
  type Answers,
  type Asked,
  type ProcessScript,
  type Scripts,
  type ScriptValue,
  type SimulatedOptions,
  type SimulatedSystem,
  simulatedSystem,
} from './hcs/simulated/simulated-system.js';
export { ExpectationError, type LifeValues } from './testing/expect-life.js';
export {
  inVirtualTime,
  type LifeExpectation,
  type LinesExpectation,
  type LivesExpectation,
  type VirtualStage,
  type VirtualTimeOptions,
} from './testing/in-virtual-time.js';
