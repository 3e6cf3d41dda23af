/**
 * What a guest hosts its containers with: any engine, given as two factories.
 */
import type { Observable } from 'rxjs';
import type { Act } from '../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../hcs/contract/compute-system.js';
import type { ContainerConfig, ModificationRequest } from '../hcs/guest/protocol/messages.js';

/** A container that is asked for: the bundle and its document, as the host sent them. */
export interface ContainerRequest {
  readonly id: string;
  readonly config: ContainerConfig;
}

export interface GuestEngine {
  /**
   * Makes a container. What it emits is not started yet; the guest starts it with its init. An init is described by the
   * document's `process`, unless the system has it in its own document (`initInDocument`).
   */
  container(request: ContainerRequest): Observable<ComputeSystem>;
  /** Makes a system for one process that belongs to no container, and ends with it. */
  host(): ComputeSystem;
  /**
   * Changes the guest, or a container of it. By default nothing is changed and all is well, as fits an engine that isolates
   * nothing: what is to be mounted for a container is there already, or is of no use to it.
   */
  modify?(request: ModificationRequest, containerId: string | undefined): Act;
}
