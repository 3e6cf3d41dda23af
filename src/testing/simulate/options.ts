/** The options of `simulate` and its result. */
import type { ObservableInput, SchedulerLike } from 'rxjs';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import type { Scripts } from '../../hcs/simulated/script-options.js';
import type { Task } from '../../streams/task/interface.js';
import type { SimulationPlan } from './plan.js';
import type { RunningProcess } from './world.js';

/** The simulated systems that an orchestrator gets. It must use nothing else, so that its run can be repeated. */
export interface SimulatedWorld {
  /** A task whose init only waits, so that other execs can run. Its container may end or be lost. */
  readonly task: Task;
  /** For tasks of its own, by `run`, `runTask` or `createTask`. */
  readonly system: ComputeSystem;
  /** Virtual time: for `createTask`, `run`, the operators, and everything else that takes time. */
  readonly scheduler: SchedulerLike;
  /** From 0 to 1, in place of `Math.random`. */
  readonly random: () => number;
  /** Aborted where an Observable is unsubscribed from: for orchestrators that return a promise. */
  readonly abortSignal: AbortSignal;
}

/** The input of an invariant. */
export interface SimulationView {
  /** The processes that run, as seen by their systems. */
  readonly running: readonly RunningProcess[];
  /** The values that the orchestrator has emitted. */
  readonly emitted: readonly unknown[];
  /** In milliseconds of virtual time. */
  readonly now: number;
}

/** Options of `simulate`. */
export interface SimulateOptions {
  /** How many runs, each with other faults. Default 200. */
  readonly seeds?: number;
  /** The seed of the first run. Default 1. */
  readonly firstSeed?: number;
  /**
   * The behaviour of programs where nothing goes wrong, as for `system` of a test: by command line or its first word. Of a list
   * each process follows one. Default: a program runs until it is stopped.
   */
  readonly programs?: Readonly<Record<string, Scripts>>;
  /** It is unsubscribed from after so many milliseconds of virtual time, if not before. Default 60000. */
  readonly duration?: number;
  /** After its end so many milliseconds pass before it is looked at what is left. Default 60000. */
  readonly settle?: number;
  /** It must end by itself within `duration` unless it is unsubscribed from before. Default false. */
  readonly mustEnd?: boolean;
  /**
   * Called after each start and end of a process and each emission. Returns what is wrong, or nothing.
   * @example ({ running }) => (running.length > 4 ? `${running.length} run at a time` : undefined)
   */
  readonly invariant?: (view: SimulationView) => string | undefined;
  /** Runs this plan alone: the one that a failure has printed. */
  readonly plan?: SimulationPlan;
}

/** Counts of the simulated events: a run in which nothing happened proves nothing. */
export interface SimulationReport {
  readonly runs: number;
  /** How many processes were started, or failed to be. */
  readonly processes: number;
  /** How many of each fault were met. */
  readonly faults: Readonly<Record<string, number>>;
  /** How the orchestrator ended. */
  readonly ends: Readonly<Record<'completed' | 'failed' | 'unsubscribed', number>>;
}

/** An orchestrator over the simulated world. */
export type Orchestrator = (world: SimulatedWorld) => ObservableInput<unknown>;
