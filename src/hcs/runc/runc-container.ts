/**
 * What a container of an OCI runtime offers beyond any compute system.
 */
import type { Observable } from 'rxjs';
import type { Act, ComputeProcess, Delivery } from '../contract/compute-process.js';
import type { ComputeSystem, Descriptors } from '../contract/compute-system.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import type { RuncStats } from './cgroup/stats.js';
import type { CheckpointOptions } from './checkpoint.js';

export interface RuncContainer extends ComputeSystem {
  /**
   * Makes the container with its init, held until `start`. What fails leaves nothing behind.
   *
   * Errors with RxshimError, in the runtime's own words: `alreadyExists` for an id that is taken, `notFound` with exit
   * status 127 for no such executable, `failedPrecondition` with 126 for one that cannot be executed, `unavailable` for
   * no such runtime.
   */
  create(parameters: ProcessParameters, descriptors?: Descriptors): Observable<ComputeProcess>;
  delete(): Observable<never>;
  /** Freezes every process. Processes of a paused container take signals when they are resumed, save for SIGKILL. */
  pause(): Act;
  resume(): Act;
  /** Changes limits. `resources` is the OCI document's `linux.resources`, with what is to change. */
  update(resources: object): Act;
  /** Emits once what the kernel counts for the container. Errors with `notFound` when that is gone. */
  stats(): Observable<RuncStats>;
  /**
   * Emits whenever processes were killed for want of memory, and completes with the container. Not replayed: to be
   * subscribed to before `create`.
   */
  readonly oom$: Observable<void>;
  /** Writes the container's state to disk. Errors with the runtime's words where there is no criu. */
  checkpoint(options: CheckpointOptions): Act;
  /** Sends a signal to every process of the container. */
  signalAll(signal: number): Observable<Delivery>;
}
