/**
 * What a container of an OCI runtime offers beyond any compute system.
 */
import type { Observable } from 'rxjs';
import type { ComputeProcess, Delivery } from '../compute-process.js';
import type { ComputeSystem, Descriptors } from '../compute-system.js';
import type { ProcessParameters } from '../process-parameters.js';

export interface RuncContainer extends ComputeSystem {
  create(parameters: ProcessParameters, descriptors?: Descriptors): Observable<ComputeProcess>;
  delete(): Observable<never>;
  /** Sends a signal to every process of the container. */
  signalAll(signal: number): Observable<Delivery>;
}
