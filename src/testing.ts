/**
 * Tools for tests of programs built on rxshim: the real tasks and execs, without processes and without waiting.
 *
 *     test      inVirtualTime(): virtual time for Observables and promises
 *     system    simulated by marbles, with failures; or scripted by hand
 *     expect    lives as marbles, events, calls to the system
 */
export {
  type AgentEngine as GuestEngine,
  type AgentOptions as RunGuestOptions,
  type ContainerRequest,
  type Dial,
  dialOneSocket,
  dialSockets,
  localEngine,
  runAgent as runGuest,
  runcEngine,
  type Served,
  type ServeOptions as ServeGuestOptions,
  serveAgent as serveGuest,
} from './agent/index.js';
export { type MemoryPipe, memoryPipe } from './hcs/simulated/memory-pipe.js';
export type {
  Answers,
  ContainerScript,
  ProcessCall,
  ProcessScript,
  Script,
  Scripts,
  ScriptValue,
  SimulatedOptions,
  SystemCall,
} from './hcs/simulated/script-options.js';
export {
  type Answer,
  type ScriptedOptions,
  type ScriptedProcess,
  type ScriptedSystem,
  scriptedSystem,
} from './hcs/simulated/scripted-system.js';
export { type Asked, type SimulatedSystem, simulatedSystem } from './hcs/simulated/simulated-system.js';
export { ExpectationError } from './testing/expect/error.js';
export type { LifeValues } from './testing/expect/lives.js';
export type { ObservableValues } from './testing/expect/observable.js';
export type {
  LifeExpectation,
  LinesExpectation,
  LivesExpectation,
  ObservableExpectation,
  VirtualHarness,
  VirtualHarness as VirtualStage,
  VirtualTimeOptions,
} from './testing/harness.js';
export { inVirtualTime } from './testing/in-virtual-time.js';
export type {
  Orchestrator,
  SimulatedWorld,
  SimulateOptions,
  SimulationReport,
  SimulationView,
} from './testing/simulate/options.js';
export type { ProcessFault, SimulationPlan, SystemFault } from './testing/simulate/plan.js';
export type { PlanOutcome } from './testing/simulate/run-plan.js';
export { simulate } from './testing/simulate/simulate.js';
export { SimulationError } from './testing/simulate/simulation-error.js';
export type { Violation } from './testing/simulate/violation.js';
export type { RunningProcess } from './testing/simulate/world.js';
