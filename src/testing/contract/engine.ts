/** The properties of an engine that the contract tests need. */
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import type { ContractProgram } from './programs.js';

/** The parts of the contract that an engine may lack. */
export type ContractFeature =
  /** `system.create`: a first process that is held until `start`. */
  | 'create'
  /** `system.delete`. */
  | 'delete'
  /** `system.signalAll`. */
  | 'signalAll'
  /** `process.tree`. */
  | 'tree'
  /** `system.takesDescriptors` is `true` or `'init'`. */
  | 'descriptors'
  /** Processes may have a terminal, with a size. */
  | 'terminal'
  /** Exits by a signal are reported as `signaled`, with the signal's number. */
  | 'exitSignals'
  /** The system ends when its first process ends. */
  | 'endsWithInit'
  /** The exits of all processes are reported before that of the system. */
  | 'exitOrder'
  /** An exit is reported although output of the process has not been read. */
  | 'exitWithUnreadOutput'
  /** `system.adopt`. Needs `successor`. */
  | 'adopt';

/** An engine, as the contract tests drive it. */
export interface ContractEngine {
  /**
   * Makes a system for one test; it is not started yet. If the first process is part of the container's own document
   * (`initInDocument`), it runs `spec`; otherwise the tests pass `spec` to `createProcess`.
   *
   * The test terminates, closes and deletes the system in the end.
   */
  system(spec: ProcessSpec): ComputeSystem | PromiseLike<ComputeSystem>;
  /**
   * For `adopt`: a system for the same container, as a later program would make it. What the program that made the given
   * one holds is lost with it: nothing of that may be needed.
   */
  successor?(system: ComputeSystem): ComputeSystem | PromiseLike<ComputeSystem>;
  /** The optional parts of the contract that this engine implements; the tests of the others are skipped. */
  readonly features: readonly ContractFeature[];
  /** How a program is written for this engine. Default: `shellProgram`. */
  readonly program?: (program: ContractProgram) => ProcessSpec;
  /** Tests that this engine does not pass, by name, each with the reason. An unknown name is an error. */
  readonly skips?: Readonly<Record<string, string>>;
  /** How long a test waits for any one thing, in milliseconds. Default: 20 000. */
  readonly timeout?: number;
}
