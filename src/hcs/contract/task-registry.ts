/**
 * A registry of tasks: what an engine knows of the containers that programs have created and own. An engine that offers
 * adoption offers one, so that a restarted program finds what it owned.
 */
import type { Observable } from 'rxjs';
import type { Act, ProcessExit } from './compute-process.js';
import type { ComputeSystem } from './compute-system.js';
import type { Labels, Ownership } from './ownership.js';

/**
 * The state of a task that a registry lists.
 *
 * - `creating`: its creation has begun. If its owner has died since, the task can only be removed.
 * - `created`: its init waits for its start.
 * - `running`, `exited`: its init runs, or has ended.
 * - `lost`: it cannot be found out, for the `reason` given. It can only be removed.
 */
export type ListedState = 'creating' | 'created' | 'running' | 'exited' | 'lost';

/** A task, as its registry lists it. */
export interface ListedTask {
  readonly id: string;
  readonly state: ListedState;
  /** Absent if the task has no owner, or if that cannot be read. */
  readonly ownership?: Ownership;
  readonly labels: Labels;
  /** Milliseconds since the epoch. Absent if unknown. */
  readonly createdAt?: number;
  /** The pid of the init. Absent if there is none, or if it is unknown. */
  readonly pid?: number;
  /** How the init ended. `unknown` if it has ended and that cannot be found out. */
  readonly exit?: ProcessExit;
  /** Why the state is `lost`. */
  readonly reason?: string;
  readonly bundle?: string;
}

/** The registry of an engine, for containers that outlive the programs that have created them. */
export interface TaskRegistry {
  /** Emits once: every task that the engine has a record of, of any owner. */
  list(): Observable<readonly ListedTask[]>;
  /** The system of a task. Nothing happens until its `adopt` is called, which errors with `notFound` if it is not there. */
  system(id: string): ComputeSystem;
  /** Kills and removes a task without adopting it. Succeeds if nothing is left of it. */
  remove(id: string): Act;
}
