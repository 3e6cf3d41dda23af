/**
 * The interface of a container of an OCI runtime: what it offers beyond a compute system.
 */
import type { Observable } from 'rxjs';
import type { Act, ComputeProcess, Delivery } from '../contract/compute-process.js';
import type { ComputeSystem, Descriptors } from '../contract/compute-system.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import type { KnownContainer, TakenOver } from './adopt/take-over.js';
import type { RuncStats } from './cgroup/stats.js';
import type { CheckpointOptions } from './checkpoint.js';

export type { KnownContainer, KnownProcess, TakenOver } from './adopt/take-over.js';

/** A container of an OCI runtime. */
export interface RuncContainer extends ComputeSystem {
  /**
   * Creates the container. Its init runs the user's program after `start`. A failed create leaves nothing behind.
   *
   * Errors with RxshimError and the runtime's message: `alreadyExists` if the id is taken, `notFound` with exit status
   * 127 if there is no such executable, `failedPrecondition` with 126 if it cannot be executed, `unavailable` if there
   * is no such runtime.
   */
  create(parameters: ProcessParameters, descriptors?: Descriptors): Observable<ComputeProcess>;
  delete(): Observable<never>;
  /** Freezes every process. Signals are delivered after `resume`, except for SIGKILL. */
  pause(): Act;
  resume(): Act;
  /**
   * Changes resource limits. `resources` has the form of `linux.resources` in the OCI document and holds only what
   * changes.
   */
  update(resources: object): Act;
  /** Emits the cgroup's counters once. Errors with `notFound` if the cgroup no longer exists. */
  stats(): Observable<RuncStats>;
  /**
   * Emits whenever the OOM killer has killed a process, and completes with the container. Not replayed: subscribe
   * before `create`.
   */
  readonly oom$: Observable<void>;
  /** Checkpoints the container to disk. Errors with the runtime's message if criu is not installed. */
  checkpoint(options: CheckpointOptions): Act;
  /**
   * Takes over the container from an earlier owner of the host of its processes, in place of `create`. Absent
   * where they end with their owner.
   * @internal
   */
  takeOver?(known: KnownContainer): TakenOver;
  /**
   * Whether the runtime has frozen it.
   * @internal
   */
  isFrozen?(): Observable<boolean>;
  /** Sends a signal to every process of the container. */
  signalAll(signal: number): Observable<Delivery>;
}
